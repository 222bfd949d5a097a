/** The probes of the follower. What it prints is what `kubectl describe` shows. */
export const readyScript = String.raw`#!/usr/bin/perl
# usage: ready.pl started|ready STATUS MAX_LAG {PATH | --optional PATH}...
# started: every database is there; ready: and none of them lags
use strict;
use warnings;
BEGIN { unshift @INC, $0 =~ m{^(.*)/} }
use Common;

my ($question, $status, $max_lag, @arguments) = @ARGV;
my ($optional, $failed) = (0, 0);
for my $db (@arguments) {
  if ($db eq '--optional') { $optional = 1; next }
  my $text = Common::read_file("$status$db.json") // '';
  my ($reason) = $text =~ /"reason":"((?:[^"\\]|\\.)*)"/;
  my ($lag) = $text =~ /"lagSeconds":([\d.]+)/;
  my ($clock) = $text =~ /"clock":([\d.]+)/;
  $lag += Common::now() - $clock if defined $lag;
  my $why = $reason ? ": $reason" : '';
  if (!-s $db) {
    print "$db is not restored yet$why\n" and $failed = 1 unless $optional;
  }
  elsif ($question eq 'ready' && !defined $lag) {
    print "$db: not known how far it is behind$why\n" and $failed = 1;
  }
  elsif ($question eq 'ready' && $lag > $max_lag) {
    printf "%s may be %.0f s behind, more than %s s%s\n", $db, $lag, $max_lag, $why and $failed = 1;
  }
  $optional = 0;
}
exit $failed;
`;
