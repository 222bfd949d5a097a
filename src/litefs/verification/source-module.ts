/**
 * Where the databases of a LiteFS cluster come from, for the proof: Litestream restores what the primary exported last, a note
 * beside it says how far that was, and LiteFS where the primary is.
 */
export const sourceModule = String.raw`package Source;
use strict;
use warnings;
use Cluster;

my $config = $ENV{LITESTREAM_CONFIG};
my $primary = $ENV{SOURCE_PRIMARY};
my $folder = $ENV{SOURCE_BACKUP_FOLDER} // '/var/lib/litefs-backup';
my $interval = $ENV{SOURCE_INTERVAL};
# A pod that is just being replaced answers again within so many seconds.
my $PATIENCE = $ENV{SOURCE_PATIENCE_SECONDS} // 60;
# So long what the primary has written may take to be in the backup. Seconds.
my $late = $interval + $ENV{PROOF_LAG_SECONDS};
my ($before, $unreachable, $asked, %note);

# databases: those declared
sub databases {
  ($before, $unreachable) = look();
  $asked = time;
  return split /\n/, Run::program('databases');
}

sub look {
  my $end = time + ($PATIENCE < Run::left() / 4 ? $PATIENCE : Run::left() / 4);
  my $node;
  until ($node = eval { Cluster::node($primary) }) {
    chomp(my $why = $@);
    return (undef, $why) if time > $end;
    sleep 1;
  }
  return $node;
}

sub name { my ($db) = @_; $db =~ s{.*/}{}; return $db }

# restore(DATABASE, FILE): puts it there; nothing when neither primary nor backup have it
sub restore {
  my ($db, $file) = @_;
  my $name = name($db);
  # First, as it is written after the databases: what it says is in what is restored then.
  my $wanted = $before ? $before->{txid}{$name} // 0 : 0;
  read_note();
  while (($note{$name} ? $note{$name}[0] : 0) < $wanted && time - $asked < $late && Run::left() > 20) {
    sleep 2;
    read_note();
  }
  unless (eval { Run::run('litestream', 'restore', '-config', $config, '-json', '-o', $file, "$folder/$name"); 1 }) {
    my $error = $@;
    return if $error =~ /no matching backup files available/ && $before && !$before->{txid}{$name};
    die $error;
  }
  my $noted = $note{$name} or die "the backup's note doesn't say how far this database was\n";
  return { transaction => sprintf '%016x', $noted->[0] };
}

sub read_note {
  my $file = "$Run::work/note.db";
  unlink map { "$file$_" } '', '-wal', '-shm', '.tmp';
  Run::run('litestream', 'restore', '-config', $config, '-o', $file, "$folder/cluster-note.db");
  my $said = Run::run('sqlite3', '-batch', '-bail', '-readonly', "file:$file?immutable=1", 'SELECT name, txid, at FROM exported');
  %note = map { my ($name, $txid, $at) = split /\|/; ($name => [$txid, $at]) } split /\n/, $said;
  unlink $file;
}

# fresh(DATABASE, RESTORED): where the primary is; dies when the backup is older than it may be
sub fresh {
  my ($db, $restored) = @_;
  die "the primary can't be asked how far it is: $unreachable\n" if defined $unreachable;
  my $name = name($db);
  my $wanted = $before->{txid}{$name} // 0;
  my ($txid, $at) = @{ $note{$name} || [0, 0] };
  my $transaction = sprintf '%016x', $wanted;
  my $age = time - $at;
  if ($txid > $wanted) {
    my ($now) = look();
    $wanted = ($now && $now->{txid}{$name}) // 0;
    die "the backup holds transaction $txid, the primary is at $wanted only: it has been restored, and not been backed up since, or somebody else writes to the backup, too\n" if $txid > $wanted;
  }
  return { transaction => $transaction, message => "the primary was at transaction $transaction; backed up since" } if $txid >= $wanted;
  die "the primary was at transaction $wanted, and the backup, made $age s ago, still holds $txid: one should be made every $interval s\n";
}

1;
`;
