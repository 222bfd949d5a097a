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
  for my $word (split /\n/, Run::content("$FindBin::Bin/databases")) {
    if ($word eq '--optional') { $optional = 1; next }
    push @names, $word;
    $declared{$word} = $optional ? 'optional' : 'required';
    $number{$word} = $#names;
    $optional = 0;
  }
  Live::look(sub { 1 });
  return @names;
}

# Where in its WALs a database is, as the metrics with this beginning say: index and offset, comparable as text.
sub position {
  my ($live, $what, $offset) = @_;
  return sprintf '%08x:%010x', $live->{$what . '_wal_index'} // 0, $live->{$what . '_wal_' . $offset} // 0;
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
  return { seconds => $seconds };
}

sub fresh {
  my ($db) = @_;
  my $live = Live::of($db);
  unless ($live && $live->{db_size}) {
    return { message => "the app doesn't have it" } if $declared{$db} eq 'optional';
    die "Litestream has never synced this database since it started: look at its log\n";
  }
  my $app = position($live, 'shadow', 'size');
  my $replica;
  for (;;) {
    my $now = Live::still_followed($db) or Live::not_followed();
    $replica = position($now, 'replica', 'offset');
    last if $replica ge $app || Time::HiRes::time() - $Live::asked > $lag || Run::left() < 10;
    Time::HiRes::sleep(1);
  }
  $replica ge $app or die "the replica ends at $replica, the app was at $app already $lag s before: what it writes doesn't arrive\n";
  return { transaction => $app, message => "the app was at $app of its WALs, the replica at $replica" };
}

1;
`;
