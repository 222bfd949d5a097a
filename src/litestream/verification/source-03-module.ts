/**
 * Where the databases of an app with Litestream 0.3 come from: its own image has restored them before, as fetch-03.sh says.
 * What 0.3 lists of a replica doesn't say where that ends, so that its own word counts for how far it has uploaded.
 */
export const source03Module = String.raw`package Source;
use strict;
use warnings;
use FindBin;
use Live;
use Time::HiRes ();

my $lag = $ENV{PROOF_LAG_SECONDS} + $ENV{SOURCE_SYNC_SECONDS};
my (%declared, %number);

sub databases {
  my @names;
  my $optional = 0;
  for my $word (split /\n/, Run::program("databases")) {
    if ($word eq '--optional') { $optional = 1; next }
    push @names, $word;
    $declared{$word} = $optional ? 'optional' : 'required';
    $number{$word} = $#names;
    $optional = 0;
  }
  Live::look(sub { 1 });
  return @names;
}

# How far Litestream has uploaded: index and offset of a WAL. Nothing before its first upload since it started.
sub position {
  my ($live) = @_;
  return unless defined $live->{replica_wal_index};
  return sprintf '%08x:%010x', $live->{replica_wal_index}, $live->{replica_wal_offset} // 0;
}

sub restore {
  my ($db, $file) = @_;
  my $fetched = "$Run::work/$number{$db}";
  my ($status, $seconds) = split ' ', Run::content("$fetched.status");
  defined $status or die "Litestream 0.3 was killed while it restored this database, for example for want of memory\n";
  my $said = Run::content("$fetched.log");
  my $live = $Live::before && $Live::before->{$db};
  return if $status && $said =~ /no matching backups found/ && !($live && $live->{db_size}) && $declared{$db} eq 'optional';
  $status == 0 or die Run::complaint($said) . "\n";
  rename "$fetched.db", $file or die "nothing was restored\n";
  my ($index) = sort { $b <=> $a } 0, $said =~ /\bindex(?:_max)?"?[=:]\s*(\d+)/g;
  return { seconds => $seconds, index => $index };
}

sub fresh {
  my ($db, $restored) = @_;
  my $live = Live::of($db) || {};
  unless ($live->{db_size}) {
    die "Litestream has never synced this database since it started: look at its log\n" if $declared{$db} ne 'optional' || $live->{sync_error_count};
    return { note => "the app doesn't have it", message => "the app doesn't have it" };
  }
  # The WAL that was just begun may not have arrived.
  die "the backup ends in WAL $restored->{index}, the app was in WAL $live->{shadow_wal_index} already: what it writes doesn't arrive\n"
    if $restored->{index} < ($live->{shadow_wal_index} // 0) - 1;
  my $from = position($live) // '';
  # An upload that fails shows only when it is tried again.
  my $began = Time::HiRes::time();
  my $syncs = $ENV{SOURCE_SYNC_SECONDS} + 2;
  for (;;) {
    my $now = Live::still_followed($db) or Live::not_followed();
    my $at = position($now) // '';
    # An upload that fails is tried again, and counts its bytes each time.
    my $tried = grep { ($now->{$_} // 0) > ($live->{$_} // 0) } 'total_wal_bytes', 'replica_wal_bytes';
    my $behind = $at ne '' && $now->{replica_wal_index} < ($live->{shadow_wal_index} // 0);
    return { transaction => $at eq '' ? undef : $at, message => $at eq '' ? 'nothing new since it started' : "uploaded up to $at of the WALs" }
      if !$behind && ($at ne $from || !$tried && Time::HiRes::time() - $began > $syncs);
    die "Litestream's uploads stand still" . ($at eq '' ? '' : " at $at") . ": what the app writes doesn't arrive\n"
      if Time::HiRes::time() - $Live::asked > $lag || Run::left() < 10;
    Time::HiRes::sleep(1);
  }
}

1;
`;
