/**
 * What the guard's process becomes once LiteFS may start: it holds a port of the pod's loopback, for as long as it lives. A
 * file would say so of an earlier start, too.
 */
export const passedScript = String.raw`# usage: passed.pl PORT
use strict;
use warnings;
use IO::Socket::IP;

my $held = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => $ARGV[0], Listen => 1, ReuseAddr => 1) or die "LiteFS may start, and can't be told: $@\n";
$SIG{TERM} = sub { exit 0 };
sleep 3600 while 1;
`;

/** Whether the guard has said that LiteFS may start. The kubelet asks so before it starts LiteFS, and LiteFS's container itself. */
export const mayStartScript = String.raw`# usage: may-start.sh PORT
grep -q "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$1") 0*:0000 0A " /proc/net/tcp
`;

/**
 * Starts LiteFS with the app in one container, once it may. The kubelet holds the container back as long; but one that is
 * started anew while the guard refuses takes the guard for started (https://github.com/kubernetes/kubernetes/issues/142305).
 */
export const execScript = String.raw`# usage: exec.sh PORT COMMAND...
port=$1
shift
trap 'exit 143' TERM
until sh "${"$"}{0%/*}/may-start.sh" "$port"; do
  [ -n "$waits" ] || echo '{"level":"INFO","msg":"waiting until litestream-restore-snapshot says that LiteFS may start"}'
  waits=yes
  sleep 1
done
exec "$@"
`;
