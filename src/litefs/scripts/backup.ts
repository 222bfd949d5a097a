/**
 * Runs beside LiteFS for the pod's whole life, and works on pod 0 alone: exports each database that has changed, puts the
 * export into a file that Litestream follows, and notes in the replica how far it was. Once more when the pod ends, as
 * LiteFS ends after it.
 *
 * Litestream runs all the time, because `replicate -once` of 0.5.16 never deletes a file of the first level: every export would
 * stay in the replica for good.
 */
export const backupScript = String.raw`# usage: backup.pl SECONDS CLUSTER DATABASE...
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Cluster;

$| = 1;
my ($interval, $cluster, @databases) = @ARGV;
my $folder = $ENV{BACKUP_FOLDER} // '/var/lib/litefs-backup';
my $config = "$FindBin::Bin/litestream.yml";
my $socket = "$folder/litestream.sock";
my $note = "$folder/cluster-note.db";
my ($ends, $litestream, $answered, %last, %failed);
$SIG{TERM} = sub { $ends = 1 };

# Only the primary has anything to back up; a container that ended would be started again.
if ($ENV{LITEFS_POD} ne "$cluster-0") { sleep 3600 until $ends; exit 0 }

until ($ends) {
  my $began = time;
  round();
  while (!$ends && (my $left = $began + $interval - time) > 0) { sleep($left < 5 ? $left : 5); follow() if $litestream && !$ends }
}
round();
stop();

# Starts Litestream when it doesn't run: not before there is an export, as it would complain of a database that isn't there.
sub follow {
  return if $litestream && waitpid($litestream, POSIX::WNOHANG()) == 0;
  failed('', 'Litestream has ended, and is started again') if $litestream;
  unlink $socket;
  $litestream = fork // die "can't fork: $!\n";
  unless ($litestream) { $SIG{TERM} = 'DEFAULT'; exec 'litestream', 'replicate', '-config', $config or POSIX::_exit(127) }
  my $end = time + 30;
  select undef, undef, undef, 0.1 until -S $socket || time > $end || waitpid($litestream, POSIX::WNOHANG()) != 0;
}

sub stop {
  return unless $litestream;
  kill TERM => $litestream;
  1 while waitpid($litestream, 0) == -1 && $!{EINTR};
  undef $litestream;
}

sub round {
  my $changed = 0;
  my $node = eval { Cluster::node($ENV{LITEFS_HOST} // '127.0.0.1') };
  unless ($node) {
    # With LiteFS in the app's container this one starts before it, and ends after it.
    failed('', "LiteFS doesn't answer: $@") if $answered && !$ends;
    return;
  }
  $answered = 1;
  for my $db (@databases) {
    # What is written during the export may be in it or not: it counts as not.
    my $txid = $node->{txid}{$db} or next;
    next if ($last{$db} // -1) == $txid;
    my $at = time;
    if (eval { export($db); noted($node->{id}, $db, $txid, $at); 1 }) {
      $last{$db} = $txid;
      $changed = 1;
      worked($db, "backed up, transaction $txid");
    } else { failed($db, $@) }
  }
  return unless $changed;
  eval { upload($note); 1 } ? worked('', 'noted in the backup') : do { failed('', "the note doesn't reach the backup: $@"); %last = () };
}

sub export {
  my ($db) = @_;
  my $export = "$folder/export.db";
  my $file = "$folder/$db";
  unlink map { "$export$_" } '', '-wal', '-shm', '-journal';
  Cluster::get($ENV{LITEFS_HOST} // '127.0.0.1', "/export?name=$db", 60, $export);
  my $said = Cluster::sql($export, 'PRAGMA quick_check');
  die "the export is damaged: $said\n" unless $said eq 'ok';
  # Litestream's own tables, without which it fails at its next checkpoint, a minute or a thousand pages later, and from then on.
  Cluster::sql($export, 'CREATE TABLE IF NOT EXISTS _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER); CREATE TABLE IF NOT EXISTS _litestream_lock (id INTEGER)');
  # As one transaction, which Litestream follows; not where the page size is another one.
  unless (eval { Cluster::sql($file, ".restore main $export"); 1 }) {
    stop();
    system 'rm', '-rf', map({ "$file$_" } '', '-wal', '-shm', '-journal'), "$folder/.$db-litestream";
    Cluster::sql($file, ".restore main $export");
    follow();
  }
  unlink map { "$export$_" } '', '-wal', '-shm', '-journal';
  upload($file);
}

sub upload {
  my ($file) = @_;
  follow();
  my ($done, $said) = Cluster::run('litestream', 'sync', '-wait', '-timeout', '120', '-socket', $socket, $file);
  die "it doesn't reach the replica: " . Cluster::why($said) . "\n" unless $done;
}

sub noted {
  my ($id, $db, $txid, $at) = @_;
  Cluster::sql($note, "CREATE TABLE IF NOT EXISTS cluster (id TEXT NOT NULL); CREATE TABLE IF NOT EXISTS exported (name TEXT PRIMARY KEY, txid INTEGER NOT NULL, at INTEGER NOT NULL); INSERT INTO cluster SELECT 'running' WHERE NOT EXISTS (SELECT 1 FROM cluster); INSERT OR REPLACE INTO exported VALUES ('$db', $txid, $at); CREATE TABLE IF NOT EXISTS position (name TEXT PRIMARY KEY, cluster TEXT NOT NULL, txid INTEGER NOT NULL); INSERT OR REPLACE INTO position VALUES ('$db', '$id', $txid)");
}

sub failed {
  my ($db, $why) = @_;
  chomp $why;
  $failed{$db} = 1;
  Cluster::say_it('ERROR', "backup failed: $why", $db);
}

sub worked {
  my ($db, $message) = @_;
  Cluster::say_it('INFO', delete $failed{$db} ? "backup works again: $message" : $message, $db);
}
`;
