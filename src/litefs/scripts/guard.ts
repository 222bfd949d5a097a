/**
 * Runs before LiteFS. On pod 0, which LiteFS would make primary whatever it holds: whether data that it lacks exists
 * elsewhere, in the other pods or in the backup. On the others: whether they hold more than the primary, which would throw it
 * away.
 *
 * A replica with data waits for the primary's LiteFS as long as it takes, and tells meanwhile what it holds, so that no pod
 * starts LiteFS before the two have been compared. Only an empty primary that is told to take a replica's data asks for LiteFS
 * itself: it says so, and the replicas start.
 *
 * It is a sidecar whose startup probe holds LiteFS back, as an init container can't say what it waits for: the probe's message
 * is in the pod's events. Once LiteFS may start, the process becomes `passed.sh`, which is what the probe looks for.
 */
export const guardScript = String.raw`# usage: guard.pl CLUSTER DATABASE...
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Cluster;

$| = 1;
my @arguments = @ARGV;
my ($cluster, @databases) = @ARGV;
# What changes in a pod that is there: a StatefulSet replaces this one only when those after it are ready, and they wait for it.
my $recovery = $ENV{RECOVERY_FOLDER} // '/etc/litefs-recovery';
my $told = "$recovery/when-primary-is-empty";
my $mode = read_file($told);
my $pods = read_file("$recovery/pods");
my $pod = $ENV{LITEFS_POD};
my $domain = $ENV{PEERS};
my $data = $Cluster::data;
my $staging = "$data/restored.part";
my $restored = "$data/restored";
my $backup = $ENV{BACKUP_FOLDER} // '/var/lib/litefs-backup';
my $config = "$FindBin::Bin/litestream.yml";
my $note = "$backup/cluster-note.db";
# So long an empty primary waits for the others' answers. Seconds.
my $patience = $ENV{GUARD_PATIENCE} // 300;
# So long a primary with its data waits for what the others hold.
my $others = $ENV{GUARD_OTHERS} // 60;
# So long the backup may take to say how far the cluster was.
my $asking = $ENV{GUARD_ASKING} // 30;
# So long one that refuses waits for being told something else.
my $hold = $ENV{GUARD_HOLD} // 60;

sub host { return $domain eq '' ? $_[0] : "$_[0].$domain" }

$SIG{TERM} = sub { exit 143 };
END { Cluster::unserve() }

# What the startup probe tells.
sub status { write_file("$backup/guard", "$_[0]\n") }

sub refuse {
  status($_[0]);
  Cluster::say_it('ERROR', $_[0]);
  for (1 .. $hold) {
    sleep 1;
    next if read_file($told) eq $mode && read_file("$recovery/pods") eq $pods;
    Cluster::say_it('INFO', 'told something else: looking again');
    Cluster::unserve();
    exec 'perl', "$FindBin::Bin/guard.pl", @arguments or last;
  }
  exit 1;
}

my ($waits_for, $waits_since, $said_at) = ('');

# They start together: it is no trouble before a minute has passed.
sub waits {
  my ($what) = @_;
  ($waits_for, $waits_since, $said_at) = ($what, time, 0) if $what ne $waits_for;
  return if time - $said_at <= 30;
  $said_at = time;
  status($what);
  Cluster::say_it($said_at - $waits_since > 60 ? 'WARN' : 'INFO', $what);
}

status('looking whether LiteFS may start');
my $own = Cluster::own();
my @lacking = grep { !exists $own->{txid}{$_} } @databases;
if (eval { Cluster::node('127.0.0.1') }) { Cluster::say_it('INFO', 'LiteFS runs already') }
elsif ($pod ne "$cluster-0") { replica() if %{ $own->{txid} } }
elsif (-d $restored) { Cluster::say_it('INFO', 'what was restored is still to be put into LiteFS') }
elsif (%{ $own->{txid} }) { keeps_data() }
else { empty() }
Cluster::unserve();
exec 'sh', "$FindBin::Bin/passed.sh" or die "can't run passed.sh: $!\n";

# One that holds later changes than the primary would lose them.
sub replica {
  Cluster::serve(join '', "cluster $own->{id}\n", map { "transaction $own->{txid}{$_} $_\n" } sort keys %{ $own->{txid} });
  my $primary;
  until ($primary = eval { Cluster::peer(host("$cluster-0")) }) {
    waits("waiting for the primary $cluster-0, which doesn't answer: this pod has data, and starts when it is known that the primary has it, too");
    sleep 1;
  }
  return if $primary->{taking} || $primary->{id} ne $own->{id};
  for my $db (sort keys %{ $own->{txid} }) {
    my $there = $primary->{txid}{$db} // 0;
    next if $own->{txid}{$db} <= $there;
    refuse("this pod holds transaction $own->{txid}{$db} of $db, and the primary $there only: its volume is an older one, and would have what is newer thrown away here. See docs/litefs.md, 'An older primary'");
  }
}

# The others, by name; those that don't answer in time as undef.
sub peers {
  my ($seconds) = @_;
  my @names = map { "$cluster-$_" } 1 .. $pods - 1;
  my %found;
  my $end = time + $seconds;
  while (1) {
    for my $name (grep { !$found{$_} } @names) { $found{$name} = eval { Cluster::peer(host($name)) } }
    my @silent = grep { !$found{$_} } @names;
    return \%found if !@silent || time > $end;
    waits("waiting for @silent to say whether they hold data");
    sleep 1;
  }
}

sub holding {
  my ($peers, @of) = @_;
  my %of = map { $_ => 1 } @of;
  my @found;
  for my $name (sort keys %$peers) {
    my $txid = ($peers->{$name} || next)->{txid};
    my @dbs = grep { !@of || $of{$_} } sort keys %$txid;
    push @found, "$name (" . join(', ', map { "$_ up to transaction $txid->{$_}" } @dbs) . ")" if @dbs;
  }
  return @found;
}

sub keeps_data {
  my $peers = peers($others);
  if (my @found = holding($peers, @lacking)) {
    refuse("this pod lacks @lacking, and has other databases, while data is in @found. See docs/litefs.md, 'An older primary'") if @lacking;
  }
  for my $name (sort keys %$peers) {
    my $peer = $peers->{$name} or next;
    next if $peer->{id} ne $own->{id};
    for my $db (sort keys %{ $peer->{txid} }) {
      my $here = $own->{txid}{$db} // next;
      next if $peer->{txid}{$db} <= $here;
      refuse("$name holds transaction $peer->{txid}{$db} of $db, and this pod $here only: its volume is an older one, and what is newer would be thrown away. See docs/litefs.md, 'An older primary'");
    }
  }
  my $noted = positions();
  for my $db (sort keys %$noted) {
    my $here = $own->{txid}{$db} // next;
    refuse("the backup holds transaction $noted->{$db} of $db, and this pod $here only: its volume is an older one, and what is newer would be thrown away. See docs/litefs.md, 'An older primary'") if $noted->{$db} > $here;
  }
  for my $db (@lacking) {
    refuse("this pod lacks $db, and has other databases, while the backup holds it: its volume isn't what it was. See docs/litefs.md, 'An older primary'") if in_backup($db);
  }
}

sub empty {
  my $peers = peers($patience);
  my @silent = grep { !$peers->{$_} } sort keys %$peers;
  refuse("this pod has no database, and @silent didn't say whether they hold data: without an answer of every other pod it doesn't become primary. Bring them up, or declare fewer replicas") if @silent;
  my @found = holding($peers);
  if (@found) {
    refuse("this pod has no database, and data is in @found: it doesn't become primary over them. Say whenPrimaryIsEmpty: 'take-replica', and see docs/litefs.md, 'Pod 0 has lost its volume'") if $mode eq 'refuse';
    refuse("this pod has no database and is told to restore the backup, while data is in @found, which may be newer. Say whenPrimaryIsEmpty: 'take-replica', or delete the claims of those pods first; see docs/litefs.md") if $mode eq 'restore';
    take($peers);
    return;
  }
  my @kept = grep { in_backup($_) } @databases;
  my $id = noted();
  my $mine = read_file("$data/started");
  if (@kept || ($id ne '' && $id ne $mine)) {
    my $what = @kept ? "the backup holds @kept" : "the backup's note says that this cluster was started before, and no pod has its data";
    refuse("no pod of this cluster has a database, and $what: nothing is served empty. Say whenPrimaryIsEmpty: 'restore', and see docs/litefs.md, 'Restoring from the backup'") unless $mode eq 'restore';
    restore(@kept) if @kept;
    return;
  }
  if ($id eq '') {
    $id = join '', map { sprintf '%08x', int rand 2**32 } 1 .. 4;
    write_file("$data/started", $id);
    eval {
      unlink glob("$note*");
      Cluster::sql($note, "CREATE TABLE cluster (id TEXT NOT NULL); INSERT INTO cluster VALUES ('$id'); CREATE TABLE exported (name TEXT PRIMARY KEY, txid INTEGER NOT NULL, at INTEGER NOT NULL)");
      Cluster::hand_over("$FindBin::Bin/note.yml");
      1;
    } or refuse("can't note in the backup that the cluster is started, and without that a lost volume would look like a first start: $@");
  }
  Cluster::say_it('INFO', 'no pod and no backup has data: a new cluster');
}

# Each database from the pod that is furthest.
sub take {
  my ($peers) = @_;
  my %ids = map { $_->{id} => 1 } grep { %{ $_->{txid} } } values %$peers;
  refuse("the other pods belong to different clusters (" . join(', ', sort keys %ids) . "), and nobody knows whose data is right: delete the claims of those that aren't. See docs/litefs.md, 'Cluster id mismatch'") if keys %ids > 1;
  $peers = running(grep { %{ $peers->{$_}{txid} } } sort keys %$peers);
  stage();
  my %names = map { $_ => 1 } map { keys %{ $_->{txid} } } values %$peers;
  for my $db (sort keys %names) {
    my ($best) = sort { ($peers->{$b}{txid}{$db} // 0) <=> ($peers->{$a}{txid}{$db} // 0) } sort keys %$peers;
    eval { Cluster::get(host($best), "/export?name=$db", 60, "$staging/$db"); 1 } or refuse("can't take $db from $best: $@");
    sound($db, $best);
    Cluster::say_it('WARN', "taken from $best, transaction $peers->{$best}{txid}{$db}", $db);
  }
  staged();
}

# LiteFS of the pods with data, which start it when they hear that this one takes.
sub running {
  my @names = @_;
  Cluster::serve("taking\n");
  my %found;
  my $end = time + $patience;
  while (1) {
    for my $name (grep { !$found{$_} } @names) { $found{$name} = eval { Cluster::node(host($name)) } }
    my @silent = grep { !$found{$_} } @names;
    return \%found unless @silent;
    refuse("@silent, with data, didn't start LiteFS within $patience s, so nothing can be taken from there") if time > $end;
    waits("waiting for @silent to start LiteFS, to take the databases from there");
    sleep 1;
  }
}

sub restore {
  stage();
  for my $db (@_) {
    my ($done, $said) = Cluster::run('litestream', 'restore', '-config', $config, '-o', "$staging/$db", "$backup/$db");
    refuse("can't restore $db: " . Cluster::why($said)) unless $done;
    sound($db, 'the backup');
    Cluster::say_it('WARN', "restored from the backup", $db);
  }
  staged();
}

sub stage { system('rm', '-rf', $staging); mkdir $staging or refuse("can't make $staging: $!") }

# Nothing is imported of a restore that was broken off.
sub staged { rename $staging, $restored or refuse("can't rename $staging: $!") }

sub sound {
  my ($db, $from) = @_;
  my $said = eval { Cluster::sql("$staging/$db", 'PRAGMA quick_check') } // $@;
  refuse("$db of $from is damaged: $said") unless $said eq 'ok';
  # They are the backup's, not the app's.
  Cluster::sql("$staging/$db", 'DROP TABLE IF EXISTS _litestream_seq; DROP TABLE IF EXISTS _litestream_lock');
  # A write-ahead log of its own would be a second file.
  Cluster::sql("$staging/$db", 'PRAGMA journal_mode=DELETE');
  unlink map { "$staging/$db$_" } '-wal', '-shm';
}

# Whether the replica has a backup of one of them; without an answer nothing goes on.
sub in_backup {
  my ($db) = @_;
  my ($done, $said) = Cluster::run('litestream', 'restore', '-config', $config, '-dry-run', '-json', "$backup/$db");
  return 1 if $done;
  return 0 if $said =~ /no matching backup files available/;
  refuse("the backup can't be asked for $db: " . Cluster::why($said));
}

# The id in the replica's note; empty where there is none.
sub noted {
  return '' unless in_backup('cluster-note.db');
  my ($file, $why) = restored_note();
  refuse("the backup's note can't be read: $why") unless $file;
  return Cluster::sql($file, 'SELECT id FROM cluster');
}

# How far this cluster's databases were at their last backup. Without an answer in time a primary with its data isn't kept from
# starting: the others have been asked.
sub positions {
  my ($file, $why) = restored_note('timeout', $asking);
  unless ($file) {
    $why = "no answer within $asking s" if $why eq 'it said nothing';
    Cluster::say_it('WARN', "the backup can't be asked how far this cluster was: $why") unless $why =~ /no matching backup files available/;
    return {};
  }
  # The note of a cluster that hasn't been backed up yet has no such table.
  my $rows = eval { Cluster::sql($file, "SELECT txid || ' ' || name FROM position WHERE cluster = '$own->{id}'") } // '';
  return { map { my ($txid, $db) = split / /, $_, 2; ($db => $txid) } split /\n/, $rows };
}

# restored_note(COMMAND...): a file with the backup's note, restored under that command; or nothing, and why
sub restored_note {
  my $file = "$backup/noted.db";
  unlink glob("$file*");
  my ($done, $said) = Cluster::run(@_, 'litestream', 'restore', '-config', $config, '-o', $file, $note);
  return $done ? $file : (undef, Cluster::why($said));
}

sub read_file { open my $file, '<', $_[0] or return ''; my $line = <$file> // ''; $line =~ s/\s+//g; return $line }
sub write_file { open my $file, '>', $_[0] or refuse("can't write $_[0]: $!"); print {$file} $_[1]; close $file or refuse("can't write $_[0]: $!") }
`;
