/**
 * Where the app is: its Litestream's metrics say so within half a second and cost nothing; the newest file in
 * the replica is asked for only while they don't answer.
 */
export const positionsModule = String.raw`package Positions;
# How far the app is: asked of its Litestream, and of the replica when that doesn't answer.
use strict;
use warnings;
use Common;
use Metrics;

# Writes down, again and again, one line a database: path, transaction, who said so, and when.
sub watch {
  my (%o) = @_;
  my (%known, %asked);
  for (;; Common::pause($o{every})) {
    my $now = Common::now();
    my $app = Metrics::ask($o{app}, 2) || {};
    for my $db (@{ $o{databases} }) {
      my ($txid, $source) = ($app->{$db} && $app->{$db}{txid}, 'app');
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
