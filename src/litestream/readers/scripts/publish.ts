/**
 * How the app's file comes to hold what Litestream has fetched.
 *
 * The app doesn't read the file that `litestream restore -f` (0.5.16) writes, because
 *
 * - it takes SQLite's locks, but leaves the change counter as it is unless page 1 changes, which most commits
 *   don't: a connection that stays open then mixes pages of its cache with new ones, and sees sums and
 *   indexes that never were;
 * - it restores the header of a database in WAL mode: on a read-only mount nobody can open that, and
 *   elsewhere each connection keeps a lock, so that nothing is applied any more;
 * - a file that could be fetched in part only is applied in part, and seen until the next try;
 * - it can't resume after a restart, and what it restores anew is another file than the app has open.
 *
 * So Litestream writes to a private file. It never reads that again, so the private file is emptied each
 * time its pages were taken over: what stands in it afterwards is what has changed.
 */
export const publishModule = String.raw`package Publish;
# Makes the file that the app reads what the private one is, as SQLite itself would: one locked change,
# after which every open connection looks anew.
use strict;
use warnings;
use Common;
use Pages;

use constant CHUNK => 1 << 20;

# Bytes 18 and 19 say rollback journal: with a WAL, which the primary has, nobody could read without
# writing. The change counter stands at 24 and, with the version it holds for, at 92.
sub header {
  my ($data, $counter) = @_;
  substr($data, 18, 2) = "\1\1";
  substr($data, $_, 4) = $counter for 24, 92;
  return $data;
}

# The pages that one file has otherwise than the other, as [offset, length].
sub differences {
  my ($private, $public, $page, @written) = @_;
  my @found;
  for (@written) {
    my ($start, $end) = @$_;
    for (my $offset = $start - $start % $page; $offset < $end; $offset += CHUNK) {
      my $length = $end - $offset < CHUNK ? $end - $offset : CHUNK;
      my $new = Pages::read_at($private, $offset, $length);
      my $old = Pages::read_at($public, $offset, $length);
      $old .= "\0" x (length($new) - length $old);
      $new = header($new, substr $old, 24, 4) if $offset == 0;
      next if $new eq $old;
      for (my $at = 0; $at < length $new; $at += $page) {
        next if substr($new, $at, $page) eq substr($old, $at, $page);
        my $last = $found[-1];
        if ($last && $last->[0] + $last->[1] == $offset + $at) { $last->[1] += $page }
        else { push @found, [$offset + $at, $page] }
      }
    }
  }
  return @found;
}

sub copy {
  my ($from, $to, $offset, $length) = @_;
  for (my $end = $offset + $length; $offset < $end; $offset += CHUNK) {
    my $part = $end - $offset < CHUNK ? $end - $offset : CHUNK;
    Pages::write_at($to, $offset, Pages::read_at($from, $offset, $part));
  }
  return;
}

# What publish needs to know of a private file that holds a whole database.
sub opened {
  my ($private, $public) = @_;
  my $file = Pages::open_file($private);
  my $page = unpack 'n', Pages::read_at($file, 16, 2);
  $page = 65_536 if $page == 1;
  my $sparse = $page >= 4096 && Pages::tells_pages($private, $page);
  return { private => $private, public => $public, page => $page, sparse => $sparse };
}

# Whether nothing was written to the private file since its transaction was noted: a file of which only
# a part could be fetched is applied in part.
sub at_rest {
  my ($state) = @_;
  my ($file, $noted) = changed($state->{private}, "$state->{private}-txid");
  return $file le $noted || $file eq ($state->{emptied} // '');
}

# When files were changed, to the nanosecond.
sub changed {
  my (@paths) = @_;
  open my $stat, '-|', 'stat', '-c', '%.9Y', @paths or die "can't run stat: $!\n";
  chomp(my @times = <$stat>);
  close $stat or die "can't look at @paths\n";
  return @times;
}

# Makes the app's file what the private one is. Gives nothing, or why it couldn't.
sub publish {
  my ($state, $patience) = @_;
  my ($private, $public) = (Pages::open_file($state->{private}), Pages::open_file($state->{public}));
  return 'Litestream is writing' unless Pages::lock_file($private, $patience);
  return 'Litestream has applied a part only of what is new' unless at_rest($state);
  my $size = -s $private;
  my @written = $state->{sparse} && $state->{emptied} ? Pages::written($private, $size) : [0, $size];
  my @pages = differences($private, $public, $state->{page}, @written);
  my $mark = "$state->{public}-journal";
  if (@pages || $size != -s $public || -e $mark) {
    return 'a transaction that the app keeps open holds back what is new'
      unless Pages::lock_file($public, $patience);
    # Should this end half-way: SQLite takes it for a hot journal, and refuses to read.
    my $journal = Pages::open_file($mark);
    Pages::write_at($journal, 0, 'x' x 512);
    $journal->sync;
    Pages::sync_folder($mark);
    my $counter = pack 'N', ((unpack 'N', Pages::read_at($public, 24, 4)) // 0) + 1 & 0xffff_ffff;
    copy($private, $public, @$_) for @pages;
    Pages::write_at($public, 0, header(Pages::read_at($public, 0, 100), $counter));
    truncate $public, $size or die "can't write $state->{public}: $!\n";
    $public->sync or die "can't write $state->{public}: $!\n";
    unlink $mark or die "can't delete $mark: $!\n";
    Pages::sync_folder($mark);
  }
  # From here on, what is in the private file is what came since.
  if ($state->{sparse}) {
    truncate $private, $_ or die "can't write $state->{private}: $!\n" for 0, $size;
    ($state->{emptied}) = changed($state->{private});
  }
  return;
}

1;
`;
