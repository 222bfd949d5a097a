import { DATABASE_MARKER } from "../folders";

/**
 * Where the databases of a Litestream app come from, for the proof: Litestream restores them from the replica with the
 * app's own configuration, and its metrics say where the app is.
 */
export const sourceModule = String.raw`package Source;
use strict;
use warnings;
use FindBin;
use IO::Socket::IP;
use Time::HiRes ();

# Set by the environment, as the proof's arguments are the same for every kind of app.
my $address = $ENV{SOURCE_METRICS};
my $config = $ENV{LITESTREAM_CONFIG};
my $lag = $ENV{PROOF_LAG_SECONDS} + $ENV{SOURCE_SYNC_SECONDS};
my $looks = $ENV{SOURCE_LOOK_SECONDS};
# A pod that is just being replaced answers again within so many seconds.
my $patience = $ENV{SOURCE_PATIENCE_SECONDS} // 60;

my ($before, $unreachable, $asked, %declared, %folder);

# databases: those declared, and those that the app has in its directories
sub databases {
  my @words = split /\n/, Run::content("$FindBin::Bin/databases");
  for my $at (0 .. $#words) {
    next unless $words[$at] =~ m{^/};
    my $option = $at ? $words[$at - 1] : '';
    $declared{ $words[$at] } = $option eq '--optional' ? 'optional' : 'required' unless $option eq '--directory';
  }
  look();
  my @names;
  while (@words) {
    my $word = shift @words;
    if ($word eq '--directory') {
      my ($dir, $index) = splice @words, 0, 2;
      my @inside = sort grep { index($_, "$dir/") == 0 } keys %{ $before // {} };
      $folder{$_} = [$dir, $index] for @inside;
      push @names, @inside;
      # Without an answer nobody knows what is in it.
      push @names, $dir if $unreachable;
    } else {
      push @names, $word if $declared{$word};
    }
  }
  return @names;
}

# Where the app is before anything is restored: what it writes afterwards needn't be in the replica.
sub look {
  my $began = Time::HiRes::time();
  my $waited = 0;
  until (($before = metrics()) && ($waited > $looks || synced($before))) {
    chomp($unreachable = $before ? '' : $@);
    $waited = Time::HiRes::time() - $began;
    last if $waited > $patience && !$before || Run::left() < 10;
    Time::HiRes::sleep(1);
  }
  $unreachable = undef if $before;
  $asked = Time::HiRes::time();
}

# synced(METRICS): whether each database was, that should be; one that was just made is in a moment.
sub synced {
  my ($all) = @_;
  return !grep { !$all->{$_}{txid} && ($declared{$_} // '') ne 'optional' } keys %$all;
}

# metrics: what the app's Litestream says of each database; nothing when it doesn't answer, as $@ says
sub metrics {
  my %found;
  my $answered = eval {
    local $SIG{ALRM} = sub { die "no answer in time\n" };
    alarm 10;
    my $socket = IO::Socket::IP->new(PeerAddr => $address, Timeout => 5) or die(($@ || 'no connection') . "\n");
    print {$socket} "GET /metrics HTTP/1.0\r\nHost: $address\r\n\r\n";
    my $status = <$socket> // '';
    $status =~ m{^HTTP/1\S* 200} or die "the answer isn't Litestream's metrics\n";
    while (<$socket>) {
      my ($name, $db, $value) = /^litestream_(txid|sync_count|sync_error_count)\{db="((?:[^"\\]|\\.)*)"\} (\S+)/ or next;
      $db =~ s/\\(.)/$1 eq 'n' ? "\n" : $1/ge;
      $found{$db}{$name} = int $value;
    }
    1;
  };
  my $error = $@;
  alarm 0;
  $@ = $error;
  return $answered && \%found;
}

# restore(DATABASE, FILE): puts it there; nothing when neither app nor replica have it.
sub restore {
  my ($db, $file) = @_;
  die "the app's databases in this folder are not known, as its metrics can't be read: $unreachable\n"
    if $unreachable && !$declared{$db} && !$folder{$db};
  my $live = $before && $before->{$db};
  my $config = config_of($db);
  my $wanted = ($live && $live->{txid}) || 0;
  my $planned = eval { planned($config, $db) };
  if ($@ =~ /no matching backup files available/ && !$wanted && ($declared{$db} // '') eq 'optional') {
    return;
  }
  die $@ if $@;
  # What the app wrote last may still be on its way.
  while ($planned < $wanted && Time::HiRes::time() - $asked < $lag && Run::left() > 10) {
    Time::HiRes::sleep(1);
    $planned = planned($config, $db);
  }
  my $began = Time::HiRes::time();
  my $said = Run::run('litestream', 'restore', '-config', $config, '-json', '-o', $file, $db);
  my ($transaction) = $said =~ /"txid":\s*"([0-9a-f]+)"/ or die "Litestream doesn't say which transaction it restored\n";
  return { transaction => $transaction, seconds => Time::HiRes::time() - $began };
}

# The transaction at which a restore would arrive now.
sub planned {
  my ($config, $db) = @_;
  my $plan = Run::run('litestream', 'restore', '-config', $config, '-dry-run', '-json', $db);
  my ($transaction) = $plan =~ /"max_txid":\s*"([0-9a-f]+)"/ or die "Litestream's plan names no transaction\n";
  return hex $transaction;
}

# A database of a directory has no entry of its own in Litestream's file: one is made of the directory's.
sub config_of {
  my ($db) = @_;
  my $in = $folder{$db} or return $config;
  my ($dir, $index) = @$in;
  my ($above) = $config =~ m{^(.*)/};
  my $entry = Run::content("$ENV{SOURCE_CONFIG_FOLDER}/directory-$index.yml");
  my $name = substr $db, length("$dir/");
  # It stands in quotes, and where Litestream expands variables.
  $name =~ s/(["\\])/\\$1/g;
  $name =~ s/\$/\$\{LITESTREAM_DOLLAR\}/g;
  my $marker = '${DATABASE_MARKER}';
  $entry =~ s/\Q$marker\E/$name/g;
  my $path = "$Run::work/entry.yml";
  open my $file, '>', $path or die "can't write $path: $!\n";
  print {$file} $entry;
  close $file;
  return $path;
}

# fresh(DATABASE, RESTORED): where the app was; dies when the replica is behind it, or Litestream no longer follows it.
sub fresh {
  my ($db, $restored) = @_;
  die "the app's metrics can't be read, so nobody knows how far the app is: $unreachable\n" if $unreachable;
  my $live = $before->{$db};
  my $optional = ($declared{$db} // '') eq 'optional';
  unless ($live && $live->{txid}) {
    return { message => "the app doesn't have it" } if $optional;
    die "Litestream has never synced this database since it started: look at its log\n";
  }
  my $transaction = sprintf '%016x', $live->{txid};
  my $behind = $live->{txid} - hex $restored->{transaction};
  die "the replica ends at transaction $restored->{transaction}, the app was at $transaction already $lag s before: what it writes doesn't arrive\n"
    if $behind > 0;
  my $since = still_followed($db, $live);
  return { transaction => $transaction, message => "the app was at transaction $transaction; $since" };
}

# Both transactions stand still, too, when the app has replaced its file and Litestream holds the old one: every sync
# fails then, at growing intervals. So one has to succeed after the first look, and none may fail.
sub still_followed {
  my ($db, $then) = @_;
  my $now;
  do {
    my $all = metrics() or die "the app's metrics can't be read any more: $@";
    $now = $all->{$db} or die "Litestream doesn't follow this database any more\n";
    # Litestream was restarted meanwhile: it counts from 0.
    $then = { sync_count => 0, sync_error_count => 0 } if $now->{sync_count} < $then->{sync_count};
    my $failed = $now->{sync_error_count} - $then->{sync_error_count};
    die "Litestream could not sync this database ($failed times since the proof began): look at its log\n" if $failed > 0;
    return 'synced since' if $now->{sync_count} > $then->{sync_count};
    Time::HiRes::sleep(1);
  } while Time::HiRes::time() - $asked < $looks && Run::left() > 5;
  # Litestream goes on counting a database of a directory that the app has deleted.
  return 'not followed any more, as it seems deleted' if $folder{$db} && !$then->{sync_error_count};
  die "Litestream has not synced this database for $looks s ($then->{sync_error_count} failed before that): look at its log\n";
}

1;
`;
