/** What the guard asks the backup: whether it holds a database, and what its note says of the cluster that made it. */
export const evidenceModule = String.raw`package Evidence;
use strict;
use warnings;
use FindBin;
use Cluster;

our $backup = $ENV{BACKUP_FOLDER} // '/var/lib/litefs-backup';
our $note = "$backup/cluster-note.db";
my $config = "$FindBin::Bin/litestream.yml";
# So long the backup may take to answer. Seconds.
my $asking = $ENV{GUARD_ASKING} // 30;

# Whether the backup holds one of its files; dies when it can't be asked.
sub holds {
  my ($name) = @_;
  my ($done, $said) = ask('-dry-run', '-json', "$backup/$name");
  return $done if $done || $said =~ /no matching backup files available/;
  die why($said);
}

# note(DATABASE...): { started => the id of the first start, positions => { DATABASE => [CLUSTER, TRANSACTION] } } as of the last
# backup of these; both empty where there is no note; dies when the backup can't be asked
sub note {
  my %wanted = map { $_ => 1 } @_;
  my $file = "$backup/noted.db";
  unlink glob("$file*");
  my ($done, $said) = ask('-o', $file, $note);
  return { started => '', positions => {} } if !$done && $said =~ /no matching backup files available/;
  die why($said) unless $done;
  # The note of a cluster that hasn't been backed up yet has no such table.
  my $rows = eval { Cluster::sql($file, "SELECT cluster || ' ' || txid || ' ' || name FROM position") } // '';
  my %positions = map { my ($cluster, $txid, $db) = split / /, $_, 3; $wanted{$db} ? ($db => [$cluster, $txid]) : () } split /\n/, $rows;
  return { started => Cluster::sql($file, 'SELECT id FROM cluster'), positions => \%positions };
}

# restored(DATABASE, FILE): puts it there, however long that takes; dies with what is wrong
sub restored {
  my ($name, $file) = @_;
  my ($done, $said) = Cluster::run('litestream', 'restore', '-config', $config, '-o', $file, "$backup/$name");
  die Cluster::why($said) . "\n" unless $done;
}

sub ask { return Cluster::run('timeout', $asking, 'litestream', 'restore', '-config', $config, @_) }
sub why { return ($_[0] =~ /\S/ ? Cluster::why($_[0]) : "no answer within $asking s") . "\n" }

1;
`;
