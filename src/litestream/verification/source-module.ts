import { DATABASE_MARKER } from "../folders";

/**
 * Where the databases of a Litestream app come from, for the proof: Litestream restores them from the replica with the
 * app's own configuration, and its metrics say where the app is.
 */
export const sourceModule = String.raw`package Source;
use strict;
use warnings;
use FindBin;
use Live;
use Time::HiRes ();

my $config = $ENV{LITESTREAM_CONFIG};
# So long what the app has written may take to be in the replica. Seconds.
my $lag = $ENV{PROOF_LAG_SECONDS} + $ENV{SOURCE_SYNC_SECONDS};

my (%declared, %folder);

# databases: those declared, and those that the app has in its directories
sub databases {
  my @words = split /\n/, Run::program("databases");
  for my $at (0 .. $#words) {
    next unless $words[$at] =~ m{^/};
    my $option = $at ? $words[$at - 1] : '';
    $declared{ $words[$at] } = $option eq '--optional' ? 'optional' : 'required' unless $option eq '--directory';
  }
  Live::look(\&synced);
  my @names;
  while (@words) {
    my $word = shift @words;
    if ($word eq '--directory') {
      my ($dir, $index) = splice @words, 0, 2;
      my @inside = sort grep { index($_, "$dir/") == 0 } keys %{ $Live::before || {} };
      $folder{$_} = [$dir, $index] for @inside;
      Outcome::note("$dir: the app has no database in it") unless @inside || defined $Live::unreachable;
      push @names, @inside;
      # Without an answer nobody knows what is in it.
      push @names, $dir if defined $Live::unreachable;
    } else {
      push @names, $word if $declared{$word};
    }
  }
  return @names;
}

# synced(METRICS): whether each database was, that should be; one that was just made is in a moment.
sub synced {
  my ($all) = @_;
  return !grep { !$all->{$_}{txid} && ($declared{$_} // '') ne 'optional' } keys %$all;
}

# restore(DATABASE, FILE): puts it there; nothing when neither app nor replica have it.
sub restore {
  my ($db, $file) = @_;
  die "the app's databases in this folder are not known, as its metrics can't be read: $Live::unreachable\n"
    if defined $Live::unreachable && !$declared{$db} && !$folder{$db};
  my $live = $Live::before && $Live::before->{$db};
  my $config = config_of($db);
  my $wanted = ($live && $live->{txid}) || 0;
  my $planned = eval { planned($config, $db) };
  if ($@ =~ /no matching backup files available/ && !$wanted && !($live && $live->{sync_error_count}) && ($declared{$db} // '') eq 'optional') {
    return;
  }
  die $@ if $@;
  # What the app wrote last may still be on its way.
  while ($planned < $wanted && Time::HiRes::time() - $Live::asked < $lag && Run::left() > 10) {
    Time::HiRes::sleep(1);
    $planned = planned($config, $db);
  }
  Run::needs($live->{db_size}) if $live && $live->{db_size};
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

# fresh(DATABASE, RESTORED): where the app was; dies when the replica isn't where it should be, or Litestream no longer
# follows the database.
sub fresh {
  my ($db, $restored) = @_;
  my $live = Live::of($db) || {};
  my $wanted = $live->{txid} || 0;
  die "Litestream has never synced this database since it started: look at its log\n"
    unless $wanted || ($declared{$db} // '') eq 'optional';
  my $transaction = sprintf '%016x', $wanted;
  die "the replica ends at transaction $restored->{transaction}, the app was at $transaction already $lag s before: what it writes doesn't arrive\n"
    if $wanted > hex $restored->{transaction};
  my $now = %$live ? Live::still_followed($db) : {};
  unless ($now) {
    # Litestream goes on counting a database of a directory that the app has deleted.
    Live::not_followed() unless $folder{$db};
    my $note = 'not followed any more, as it seems deleted';
    return { transaction => $transaction, note => $note, message => "the app was at transaction $transaction; $note" };
  }
  unless ($wanted) {
    die "Litestream could not sync this database: look at its log\n" if $now->{sync_error_count};
    die "the app has only just made this database: prove it again\n" if $now->{txid};
    return { note => "the app doesn't have it", message => "the app doesn't have it" };
  }
  my $last = sprintf '%016x', $now->{txid};
  die "the replica ends at transaction $restored->{transaction}, the app is at $last only: somebody else writes to it, too\n"
    if hex $restored->{transaction} > $now->{txid};
  return { transaction => $transaction, message => "the app was at transaction $transaction; synced since" };
}

1;
`;
