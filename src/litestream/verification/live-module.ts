/** Where the app is, as its Litestream's metrics say: the same in 0.3 and 0.5. */
export const liveModule = String.raw`package Live;
use strict;
use warnings;
use Metrics;
use Time::HiRes ();

my $address = $ENV{SOURCE_METRICS};
# Within so many seconds Litestream has looked at every database when nothing is wrong.
my $looks = $ENV{SOURCE_LOOK_SECONDS};
# A pod that is just being replaced answers again within so many.
my $PATIENCE = $ENV{SOURCE_PATIENCE_SECONDS} // 60;

our $before;         # what the metrics said of each database before anything was restored
our $unreachable;    # why they couldn't be read; undefined when they could
our $asked;          # when

# look(SETTLED): reads them, and again until SETTLED says that no database was just made
sub look {
  my ($settled) = @_;
  my $began = Time::HiRes::time();
  my $waited = 0;
  return if noted();
  my $patience = patience();
  until (($before = metrics()) && ($waited > $looks || $settled->($before))) {
    chomp($unreachable = $before ? '' : $@);
    $waited = Time::HiRes::time() - $began;
    last if $waited > $patience && !$before || Run::left() < 10;
    Time::HiRes::sleep(1);
  }
  $unreachable = undef if $before;
  $asked = Time::HiRes::time();
}

# noted: takes what another container has asked before it restored
sub noted {
  my $path = "$Run::work/metrics";
  return unless -s $path;
  open my $file, '<', $path or return;
  $before = Metrics::numbers($file);
  $asked = (stat $path)[9];
  return 1;
}

sub metrics { return Metrics::ask($address, 10) }

# of(DATABASE): what they said of it before; dies when nobody knows
sub of {
  my ($db) = @_;
  die "the app's metrics can't be read, so nobody knows how far the app is: $unreachable\n" if defined $unreachable;
  return $before->{$db};
}

# still_followed(DATABASE): positions stand still, too, when the app has replaced its file and Litestream holds the old
# one: every sync fails then, at growing intervals. So one has to succeed after the first look, and none may fail. Gives
# the metrics then; nothing when neither came, and none had failed before.
sub still_followed {
  my ($db) = @_;
  my $then = $before->{$db};
  my $began = Time::HiRes::time();
  for (;; Time::HiRes::sleep(1)) {
    my $waited = Time::HiRes::time() - $began;
    my $all = metrics();
    my $now = $all && $all->{$db};
    unless ($now) {
      # The app's pod may just be replaced.
      next if $waited < patience() && Run::left() > 10;
      die $all ? "Litestream doesn't follow this database any more\n" : "the app's metrics can't be read any more: $@";
    }
    # Litestream was restarted meanwhile: it counts from 0.
    $then = { sync_count => 0, sync_error_count => 0 } if $now->{sync_count} < $then->{sync_count};
    my $failed = $now->{sync_error_count} - $then->{sync_error_count};
    die "Litestream could not sync this database ($failed times since the proof began): look at its log\n" if $failed > 0;
    return $now if $now->{sync_count} > $then->{sync_count};
    last if $waited > $looks || Run::left() < 10;
  }
  return unless $then->{sync_error_count};
  die "Litestream has not synced this database for " . waited() . " s ($then->{sync_error_count} failed before that): look at its log\n";
}

sub not_followed { die "Litestream has not synced this database for " . waited() . " s: look at its log\n" }

sub waited { return int(Time::HiRes::time() - $asked) }

sub patience { return Run::left() / 4 < $PATIENCE ? Run::left() / 4 : $PATIENCE }

1;
`;
