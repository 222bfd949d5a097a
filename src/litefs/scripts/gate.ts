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

/** Whether the guard has said that LiteFS may start: what its startup probe asks, and LiteFS's container. */
export const mayStartScript = String.raw`# usage: may-start.sh PORT
grep -q "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$1") 0*:0000 0A " /proc/net/tcp
`;

/**
 * What comes before LiteFS, beside the app or in its image: the guard has to have passed, and what was restored is put in.
 *
 * The kubelet holds LiteFS's container back for as long as the guard refuses; but one that is started anew takes a container
 * that runs for started (https://github.com/kubernetes/kubernetes/issues/142305), and a container that is replaced may have
 * that from the one before it (https://github.com/kubernetes/kubernetes/issues/141155).
 */
export const gateScript = String.raw`# usage: gate.sh GUARD_PORT COMMAND...
port=$1
shift
import= stopped= waits=
end() { stopped=yes; [ -z "$import" ] || kill "$import" 2>/dev/null; }
trap end TERM
until [ -n "$stopped" ] || sh /etc/litefs/may-start.sh "$port"; do
  [ -n "$waits" ] || echo '{"level":"INFO","msg":"waiting until litestream-restore-snapshot says that LiteFS may start"}'
  waits=yes
  sleep 1
done
[ -z "$stopped" ] || exit 143
sh /etc/litefs/import.sh &
import=$!
wait "$import"
code=$?
while kill -0 "$import" 2>/dev/null; do wait "$import"; code=$?; done
[ -z "$stopped" ] || exit 143
[ "$code" = 0 ] || exit 1
exec "$@"
`;

/**
 * Brings what was restored into LiteFS; what is left half-way is done again. In a LiteFS that nobody else sees, neither app nor
 * replica nor reader, as it is empty before.
 */
export const importScript = String.raw`# usage: import.sh
folder=/var/lib/litefs/restored
[ -d "$folder" ] || exit 0
api=http://127.0.0.1:20205
stopped= waited=0
# A signal ends a wait, not what is waited for.
trap 'stopped=yes' TERM
umask 0
mkdir -p /run/litefs-import || exit 1
litefs mount -config /etc/litefs/import.yml &
litefs=$!

put_in() {
  # Not by a proxy of the app's environment.
  until http_proxy= timeout 5 wget -q -O - "$api/info" 2>/dev/null | grep -q '"isPrimary": true'; do
    [ -z "$stopped" ] || return 1
    kill -0 "$litefs" 2>/dev/null || { echo "ERROR: LiteFS has ended, so nothing that was restored can be put into it"; return 1; }
    sleep 1
    waited=$((waited + 1))
    [ "$waited" -lt 120 ] || { echo "ERROR: LiteFS isn't primary after $waited s, so nothing that was restored can be put into it"; return 1; }
  done
  for file in "$folder"/*; do
    [ -f "$file" ] || continue
    name=$(basename "$file")
    litefs import -url "$api" -name "$name" "$file" &
    wait $!
    code=$?
    [ -z "$stopped" ] || return 1
    [ "$code" = 0 ] || { echo "ERROR: can't put the restored $name into LiteFS"; return 1; }
  done
}
put_in
put=$?
kill "$litefs" 2>/dev/null
left=100
while kill -0 "$litefs" 2>/dev/null && [ "$left" -gt 0 ]; do
  sleep 0.1
  left=$((left - 1))
done
kill -KILL "$litefs" 2>/dev/null
wait "$litefs"
ended=$?
[ "$put" = 0 ] || exit 1
[ "$ended" = 0 ] || { echo "ERROR: LiteFS didn't end well after what was restored was put into it, so that is done again"; exit 1; }
# A loss of power mustn't bring it back, over what has been written since.
sync
rm -rf "$folder" && sync
`;
