/**
 * Runs before LiteFS. On pod 0, which LiteFS would make primary whatever it holds: whether data that it lacks exists
 * elsewhere, in the other pods or in the backup. On the others: whether they hold more than the primary, which would throw it
 * away.
 *
 * A replica with data waits for the primary's LiteFS as long as it takes, and tells meanwhile what it holds, so that no pod
 * starts LiteFS before the two have been compared. Only an empty primary that is told to take a replica's data asks for LiteFS
 * itself: it says so, and the replicas start.
 *
 * A refusal for which the reason could go away is kept on the volume: the primary that was ahead a minute ago may be silent
 * now, and one that was behind has been written to.
 *
 * It is a sidecar whose startup probe holds LiteFS back, as an init container can't say what it waits for: the probe's message
 * is in the pod's events. Once LiteFS may start, the process becomes `passed.pl`, for which the probe looks, and LiteFS's
 * container, too.
 */
export const guardScript = String.raw`# usage: guard.pl PORT CLUSTER DATABASE...
use strict;
use warnings;
use FindBin;
use IO::Handle;
use lib $FindBin::Bin;
use Cluster;
use Evidence;

$| = 1;
my @arguments = @ARGV;
my ($port, $cluster, @databases) = @ARGV;
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
# Why this volume was refused, until it is known that nobody holds more.
my $refused = "$data/refused";
# The clusters that this volume's follows: from which it was taken, or restored.
my $instead = "$data/instead-of";
# So long an empty primary waits for the others' answers. Seconds.
my $patience = $ENV{GUARD_PATIENCE} // 300;
# So long a primary with its data waits for what the others hold.
my $others = $ENV{GUARD_OTHERS} // 60;
# After so long one that refuses looks again, unless it is told something else before.
my $again = $ENV{GUARD_AGAIN} // 60;

my $own;
my $older = "See docs/litefs.md, 'An older primary'";

sub host { return $domain eq '' ? $_[0] : "$_[0].$domain" }

$SIG{TERM} = sub { exit 143 };
END { Cluster::unserve() }

# What the startup probe tells.
sub status { write_file("$Evidence::backup/guard", "$_[0]\n") }

sub refuse {
  my ($why) = @_;
  chomp $why;
  status($why);
  Cluster::say_it('ERROR', $why);
  for (1 .. $again) {
    sleep 1;
    next if read_file($told) eq $mode && read_file("$recovery/pods") eq $pods;
    Cluster::say_it('INFO', 'told something else: looking again');
    last;
  }
  Cluster::unserve();
  exec 'perl', "$FindBin::Bin/guard.pl", @arguments or die "can't run guard.pl: $!\n";
}

sub refuse_for_good { my ($why) = @_; eval { write_file($refused, $why) }; refuse($why) }

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

eval { decide(); 1 } or refuse("it isn't known whether LiteFS may start: $@");
Cluster::unserve();
exec 'perl', "$FindBin::Bin/passed.pl", $port or die "can't run passed.pl: $!\n";

sub decide {
  status('looking whether LiteFS may start');
  refuse("what an empty primary is to do can't be read in $recovery: '$mode', for '$pods' pods") unless $mode =~ /^(refuse|take-replica|restore)$/ && $pods =~ /^\d+$/;
  if (eval { Cluster::node('127.0.0.1') }) { Cluster::say_it('INFO', 'LiteFS runs already'); return }
  $own = Cluster::own();
  if ($pod ne "$cluster-0") { replica() if %{ $own->{txid} } }
  elsif (-d $restored) { Cluster::say_it('INFO', 'what was restored is still to be put into LiteFS') }
  elsif (%{ $own->{txid} }) { keeps_data() }
  else { empty() }
}

# One that holds later changes than the primary would lose them.
sub replica {
  Cluster::serve(join '', "cluster $own->{id}\n", map { "transaction $own->{txid}{$_} $_\n" } sort keys %{ $own->{txid} });
  my $before = read_file($refused);
  refuse("$before. It stays so, as the primary may have been written to since, until the claim of this pod is deleted, or $refused") if $before ne '';
  my $primary;
  until ($primary = eval { Cluster::peer(host("$cluster-0")) }) {
    waits("waiting for the primary $cluster-0, which doesn't answer: this pod has data, and starts when it is known that the primary has it, too");
    sleep 1;
  }
  return if $primary->{taking} || $primary->{id} ne $own->{id};
  for my $db (sort keys %{ $own->{txid} }) {
    my $there = $primary->{txid}{$db} // 0;
    next if $own->{txid}{$db} <= $there;
    refuse_for_good("this pod holds transaction $own->{txid}{$db} of $db, and the primary $there only: the volume of one of them is an older one, and what is newer would be thrown away here. $older");
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
    return (\%found, @silent) if !@silent || time > $end;
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
    my @dbs = grep { $of{$_} } sort keys %$txid;
    push @found, "$name (" . join(', ', map { "$_ up to transaction $txid->{$_}" } @dbs) . ")" if @dbs;
  }
  return @found;
}

# The names of all databases that a pod holds.
sub held { my ($peers) = @_; my %names = map { $_ => 1 } map { keys %{ $_->{txid} } } grep { $_ } values %$peers; return sort keys %names }

sub keeps_data {
  for my $db (Cluster::databases()) {
    # LiteFS would empty it, and the replicas with it.
    refuse("the first page of $db is damaged on this pod's volume, which LiteFS would empty: delete its claim, and see docs/litefs.md, 'Pod 0 has lost its volume'") unless Cluster::is_sqlite($db);
  }
  my @lacking = grep { !exists $own->{txid}{$_} } @databases;
  my $before = read_file($refused);
  my $stays = "so this pod stays refused, until it is known that nobody holds more, or $refused is deleted. $older";
  my ($peers, @silent) = peers($before eq '' ? $others : $patience);
  refuse("$before. Now @silent didn't say what they hold, $stays") if $before ne '' && @silent;
  if (@lacking and my @found = holding($peers, @lacking)) {
    refuse_for_good("this pod lacks @lacking, and has other databases, while data is in @found. $older");
  }
  for my $name (sort keys %$peers) {
    my $peer = $peers->{$name} or next;
    next if $peer->{id} ne $own->{id};
    for my $db (sort keys %{ $peer->{txid} }) {
      my $here = $own->{txid}{$db} // next;
      next if $peer->{txid}{$db} <= $here;
      refuse_for_good("$name holds transaction $peer->{txid}{$db} of $db, and this pod $here only: its volume is an older one, and what is newer would be thrown away. $older");
    }
  }
  status('asking the backup how far this cluster was');
  my $noted = eval { Evidence::note(@databases)->{positions} };
  unless ($noted) {
    chomp(my $why = $@);
    refuse("$before. Now the backup can't be asked how far this cluster was ($why), $stays") if $before ne '';
    # The others have been asked.
    Cluster::say_it('WARN', "the backup can't be asked how far this cluster was: $why");
    $noted = {};
  }
  of_another_cluster($peers, $noted);
  for my $db (sort keys %$noted) {
    my ($id, $txid) = @{ $noted->{$db} };
    if ($id eq $own->{id}) {
      my $here = $own->{txid}{$db} // next;
      refuse_for_good("the backup holds transaction $txid of $db, and this pod $here only: its volume is an older one, and what is newer would be thrown away. $older") if $txid > $here;
    }
  }
  for my $db (@lacking) {
    my $kept = eval { Evidence::holds($db) };
    chomp(my $why = $@);
    refuse("$before. Now the backup can't be asked for $db ($why), $stays") if !defined $kept && $before ne '';
    Cluster::say_it('WARN', "the backup can't be asked for $db: $why") unless defined $kept;
    refuse_for_good("this pod lacks $db, and has other databases, while the backup holds it: its volume isn't what it was, or $db is an old one, whose folder in the backup has to be deleted. $older") if $kept;
  }
  unlink $refused;
}

# A volume of before its cluster was taken from a replica, or restored: LiteFS would keep the replicas apart, and serve it.
sub of_another_cluster {
  my ($peers, $noted) = @_;
  my @noted = map { $_->[0] } values %$noted;
  my @theirs = map { $_->{id} } grep { $_ && %{ $_->{txid} } } values %$peers;
  my %known = map { $_ => 1 } $own->{id}, split ' ', read_file($instead);
  # It was said that this volume begins a new cluster, whatever was before.
  if ($own->{id} eq '' && -e $instead) { follows(@noted, @theirs); return }
  my ($other) = grep { !$known{$_} } @noted;
  refuse_for_good("the last backup is of cluster $other, and this pod's volume of $own->{id}: it is one of before, and its data would be served instead. $older") if defined $other;
  return if @noted;
  refuse_for_good("all others with data belong to cluster $theirs[0], and this pod's volume to $own->{id}, and the backup doesn't say which is right. $older") if @theirs && !grep { $known{$_} } @theirs;
}

# Notes the clusters that this volume's follows.
sub follows {
  my %ids = map { $_ => 1 } @_, split ' ', read_file($instead);
  write_file($instead, join ' ', sort keys %ids);
}

sub empty {
  my ($peers, @silent) = peers($patience);
  refuse("this pod has no database, and @silent didn't say whether they hold data: without an answer of every other pod it doesn't become primary. Bring them up; of one that is lost for good delete the claim and the pod, which comes back empty and says so") if @silent;
  my @found = holding($peers, held($peers));
  if (@found) {
    refuse("this pod has no database, and data is in @found: it doesn't become primary over them. Say whenPrimaryIsEmpty: 'take-replica', and see docs/litefs.md, 'Pod 0 has lost its volume'") if $mode eq 'refuse';
    status('asking the backup whether it has more');
    my $note = eval { Evidence::note(@databases) };
    chomp(my $why = $@);
    if ($mode eq 'restore') {
      my $more = $note ? behind($peers, $note) : '';
      refuse("this pod has no database and is told to restore the backup, while data is in @found" . ($more eq '' ? ', which may be newer' : ", which is older: $more") . ". Delete the claims of those pods first, or say whenPrimaryIsEmpty: 'take-replica'; see docs/litefs.md");
    }
    refuse("the backup can't be asked whether it has more than @found, so nothing is taken: $why. Where it is lost for good, declare another path of the replica") unless $note;
    my $more = behind($peers, $note);
    refuse("$more. So nothing is taken: delete the claims of those pods, and say whenPrimaryIsEmpty: 'restore'; or, where they are right all the same, declare another path of the replica") if $more ne '';
    take($peers, $note);
    return;
  }
  status('asking the backup whether this cluster had data before');
  my ($note, @kept);
  eval { $note = Evidence::note(@databases); @kept = grep { Evidence::holds($_) } @databases; 1 } or refuse("the backup can't be asked whether it holds data: $@");
  if (@kept || ($note->{started} ne '' && $note->{started} ne read_file("$data/started"))) {
    my $what = @kept ? "the backup holds @kept" : "the backup's note says that this cluster was started before, and no pod has its data";
    refuse("no pod of this cluster has a database, and $what: nothing is served empty. Say whenPrimaryIsEmpty: 'restore', and see docs/litefs.md, 'Restoring from the backup'") unless $mode eq 'restore';
    refuse("the backup holds none of @databases, so nothing can be restored: look what it holds, or begin anew with another path of the replica") unless @kept;
    restore($note, @kept);
    return;
  }
  first_start() if $note->{started} eq '';
  Cluster::say_it('INFO', 'no pod and no backup has data: a new cluster');
}

sub first_start {
  my $id = join '', map { sprintf '%08x', int rand 2**32 } 1 .. 4;
  write_file("$data/started", $id);
  eval {
    unlink glob("$Evidence::note*");
    Cluster::sql($Evidence::note, "CREATE TABLE cluster (id TEXT NOT NULL); INSERT INTO cluster VALUES ('$id'); CREATE TABLE exported (name TEXT PRIMARY KEY, txid INTEGER NOT NULL, at INTEGER NOT NULL)");
    Cluster::hand_over("$FindBin::Bin/note.yml");
    1;
  } or refuse("can't note in the backup that the cluster is started, and without that a lost volume would look like a first start: $@");
}

# What the backup has more than the pods with data; empty where nothing.
sub behind {
  my ($peers, $note) = @_;
  my @holding = grep { %{ $_->{txid} } } values %$peers;
  for my $db (sort keys %{ $note->{positions} }) {
    my ($id, $txid) = @{ $note->{positions}{$db} };
    my @same = grep { $_->{id} eq $id } @holding;
    return "the last backup is of cluster $id, and the pods with data are of $holding[0]{id}" unless @same;
    my ($best) = sort { $b <=> $a } map { $_->{txid}{$db} // 0 } @same;
    return "the backup holds transaction $txid of $db, and no pod more than $best" if $txid > $best;
  }
  return '';
}

# Each database from the pod that is furthest.
sub take {
  my ($peers, $note) = @_;
  my %ids = map { $_->{id} => 1 } grep { %{ $_->{txid} } } values %$peers;
  refuse("the other pods belong to different clusters (" . join(', ', sort keys %ids) . "), and nobody knows whose data is right: delete the claims of those that aren't. See docs/litefs.md, 'Cluster id mismatch'") if keys %ids > 1;
  $peers = running(grep { %{ $peers->{$_}{txid} } } sort keys %$peers);
  stage();
  for my $db (held($peers)) {
    my ($best) = sort { ($peers->{$b}{txid}{$db} // 0) <=> ($peers->{$a}{txid}{$db} // 0) } sort keys %$peers;
    eval { Cluster::get(host($best), "/export?name=$db", 60, "$staging/$db"); 1 } or refuse("can't take $db from $best: $@");
    sound($db, $best);
    Cluster::say_it('WARN', "taken from $best, transaction $peers->{$best}{txid}{$db}", $db);
  }
  staged($note, keys %ids);
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
  my ($note, @kept) = @_;
  status("restoring @kept from the backup");
  stage();
  for my $db (@kept) {
    eval { Evidence::restored($db, "$staging/$db"); 1 } or refuse("can't restore $db: $@");
    sound($db, 'the backup');
    Cluster::say_it('WARN', "restored from the backup", $db);
  }
  staged($note);
}

# LiteFS may be a root without the right to write to what is another user's.
sub stage { system('rm', '-rf', $staging); mkdir $staging and chmod 0777, $staging or refuse("can't make $staging: $!") }

# Nothing is imported of a restore that was broken off, by a loss of power neither.
sub staged {
  my ($note, @ids) = @_;
  follows(@ids, map { $_->[0] } values %{ $note->{positions} });
  system 'sync';
  rename $staging, $restored or refuse("can't rename $staging: $!");
  system 'sync';
}

sub sound {
  my ($db, $from) = @_;
  my $said = eval { Cluster::sql("$staging/$db", 'PRAGMA quick_check') } // $@;
  refuse("$db of $from is damaged: $said") unless $said eq 'ok';
  # They are the backup's, not the app's.
  Cluster::sql("$staging/$db", 'DROP TABLE IF EXISTS _litestream_seq; DROP TABLE IF EXISTS _litestream_lock');
  # A write-ahead log of its own would be a second file.
  Cluster::sql("$staging/$db", 'PRAGMA journal_mode=DELETE');
  unlink map { "$staging/$db$_" } '-wal', '-shm';
  chmod 0666, "$staging/$db";
}

sub read_file { open my $file, '<', $_[0] or return ''; my $line = <$file> // ''; $line =~ s/^\s+|\s+$//g; return $line }

sub write_file {
  my ($path, $text) = @_;
  # A full disk leaves what was there.
  my $file;
  my $done = open($file, '>', "$path.part") && print({$file} $text) && $file->flush && $file->sync && close $file;
  $done && rename "$path.part", $path or die "can't write $path: $!\n";
}
`;
