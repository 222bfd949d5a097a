/** Files of pages, with SQLite's locks. */
export const pagesModule = String.raw`package Pages;
# Files of pages: locks, reading, writing, and which pages were ever written.
use strict;
use warnings;
use Common;
use Fcntl qw(O_RDWR O_CREAT F_SETLK F_WRLCK F_UNLCK SEEK_SET);
use IO::Handle;

use constant {
  PENDING => 0x4000_0000,
  SHARED => 0x4000_0002,
  SHARED_SIZE => 510,
  SEEK_DATA => 3,
  SEEK_HOLE => 4,
};

sub set_lock {
  my ($file, $type, $start, $length) = @_;
  return fcntl $file, F_SETLK, pack 's s x4 q q l x4', $type, SEEK_SET, $start, $length, 0;
}

# The locks under which SQLite and Litestream write; false when others keep them for so long. They end
# when the file is closed.
sub lock_file {
  my ($file, $seconds) = @_;
  my $end = Common::now() + $seconds;
  for my $range ([PENDING, 1], [SHARED, SHARED_SIZE]) {
    until (set_lock($file, F_WRLCK, @$range)) {
      if (Common::now() >= $end) { set_lock($file, F_UNLCK, PENDING, 1); return 0 }
      Common::pause(0.02);
    }
  }
  return 1;
}

sub open_file {
  my ($path) = @_;
  sysopen my $file, $path, O_RDWR | O_CREAT, 0644 or die "can't open $path: $!\n";
  return $file;
}

sub read_at {
  my ($file, $offset, $length) = @_;
  my $data = '';
  defined sysseek $file, $offset, SEEK_SET or die "can't read: $!\n";
  while (length $data < $length) {
    my $got = sysread $file, $data, $length - length $data, length $data;
    die "can't read: $!\n" unless defined $got;
    last if $got == 0;
  }
  return $data;
}

sub write_at {
  my ($file, $offset, $data) = @_;
  defined sysseek $file, $offset, SEEK_SET or die "can't write: $!\n";
  for (my $at = 0; $at < length $data;) {
    my $put = syswrite $file, $data, length($data) - $at, $at;
    die "can't write: $!\n" unless defined $put;
    $at += $put;
  }
  return;
}

sub sync_folder {
  my ($path) = @_;
  open my $folder, '<', $path =~ s{/[^/]*$}{}r or return;
  $folder->sync;
  return;
}

# The parts of a file that were ever written, as [start, end].
sub written {
  my ($file, $size) = @_;
  my @found;
  for (my $at = 0; $at < $size;) {
    my $start = sysseek $file, $at, SEEK_DATA;
    last unless defined $start;
    $at = sysseek($file, $start, SEEK_HOLE) + 0;
    push @found, [$start + 0, $at];
  }
  return @found;
}

# Whether the file system tells exactly which pages of a sparse file were written.
sub tells_pages {
  my ($path, $page) = @_;
  my $file = open_file("$path-probe");
  truncate $file, 16 << 20 or die "can't write $path-probe: $!\n";
  write_at($file, (8 << 20) + $page, 'x' x $page);
  $file->sync;
  my @found = map { "@$_" } written($file, 16 << 20);
  unlink "$path-probe";
  return "@found" eq join ' ', (8 << 20) + $page, (8 << 20) + 2 * $page;
}

1;
`;
