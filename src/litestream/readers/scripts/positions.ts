/**
 * Where the app is: its Litestream's metrics say so within half a second and cost nothing; the newest file in
 * the replica is asked for only while they don't answer.
 */
export const positionsModule = String.raw`package Positions;
# How far the app is: asked of its Litestream, and of the replica when that doesn't answer.
use strict;
use warnings;
use Common;
use IO::Socket::IP;

# The last transaction of each database by Litestream's metrics; undefined when it doesn't answer.
sub ask_app {
  my ($address) = @_;
  my %found;
  my $answered = eval {
    local $SIG{ALRM} = sub { die "no answer\n" };
    alarm 2;
    my $socket = IO::Socket::IP->new(PeerAddr => $address, Timeout => 1) or die "no connection\n";
    print {$socket} "GET /metrics HTTP/1.0\r\nHost: $address\r\n\r\n";
    while (<$socket>) {
      $found{$1} = int $2 if /^litestream_txid\{db="([^"]*)"\} (\S+)/;
    }
    1;
  };
  alarm 0;
  return $answered && \%found;
}

# Writes down, again and again, one line a database: path, transaction, who said so, and when.
sub watch {
  my (%o) = @_;
  my (%known, %asked);
  for (;; Common::pause($o{every})) {
    my $now = Common::now();
    my $app = ask_app($o{app}) || {};
    for my $db (@{ $o{databases} }) {
      my ($txid, $source) = ($app->{$db}, 'app');
      # Litestream says 0 until it has looked at the database.
      unless ($txid) {
        next if $now - ($asked{$db} // -1e9) < $o{replica_every};
        $asked{$db} = $now;
        $source = 'replica';
        $txid = Common::replica_txid($o{config}, $db, 0) || Common::replica_txid($o{config}, $db, 'all');
        # Nothing is known of an empty replica.
        next unless $txid;
      }
      $known{$db} = "$db $txid $source $now\n";
    }
    Common::write_file($o{file}, join '', map { $known{$_} // () } @{ $o{databases} });
  }
}

# What watch has written last of one database.
sub of {
  my ($file, $db) = @_;
  for (split /\n/, Common::read_file($file) // '') {
    my ($path, $txid, $source, $asked) = split / /;
    return { txid => $txid, source => $source, asked => $asked } if $path eq $db;
  }
  return;
}

1;
`;
