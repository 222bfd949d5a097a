/** What the follower's other scripts share. */
export const commonModule = String.raw`package Common;
# What all parts need: log lines, a clock, files that are written whole. Only modules of perl-base.
use strict;
use warnings;
use POSIX ();

my $ticks = POSIX::sysconf(POSIX::_SC_CLK_TCK());

# Seconds since some moment, the same one for all processes of the node; nobody sets this clock.
sub now { return (POSIX::times())[0] / $ticks }

sub pause { my ($seconds) = @_; select undef, undef, undef, $seconds; return }

sub json {
  my ($text) = @_;
  $text =~ s/(["\\])/\\$1/g;
  $text =~ s/([\x00-\x1f])/sprintf '\\u%04x', ord $1/ge;
  return qq("$text");
}

# One JSON object a line, as Litestream itself writes.
sub say {
  my ($level, $db, $message) = @_;
  my $time = POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime);
  my $line = sprintf qq({"time":"%s","level":"%s","msg":%s,"db":%s}\n), $time, $level, json($message), json($db);
  syswrite STDOUT, $line;
  return;
}

sub read_file {
  my ($path) = @_;
  open my $file, '<', $path or return;
  local $/;
  return scalar <$file>;
}

# A reader of the file sees the old text or the new one.
sub write_file {
  my ($path, $text) = @_;
  make_folder($path);
  open my $file, '>', "$path.tmp" or die "can't write $path.tmp: $!\n";
  print {$file} $text or die "can't write $path.tmp: $!\n";
  close $file or die "can't write $path.tmp: $!\n";
  rename "$path.tmp", $path or die "can't write $path: $!\n";
  return;
}

# The folder that a path lies in.
sub make_folder {
  my ($path) = @_;
  for (my $at = index $path, '/', 1; $at > 0; $at = index $path, '/', $at + 1) {
    mkdir substr $path, 0, $at;
  }
  return;
}

# Starts a command; gives its process and what it says, on either output.
sub start {
  my (@command) = @_;
  my $pid = open my $output, '-|' // die "can't fork: $!\n";
  return ($pid, $output) if $pid;
  open STDERR, '>&', \*STDOUT;
  { no warnings; exec @command }
  print "can't run $command[0]: $!\n";
  close STDOUT;
  POSIX::_exit(127);
}

# The last transaction of a database in the replica; undefined when it can't be listed. One LIST
# request for level 0, which holds the newest file; 10 for "all".
sub replica_txid {
  my ($config, $db, $level) = @_;
  my @list = ('litestream', 'ltx', '-config', $config, '-level', $level, '-json', $db);
  my (undef, $output) = start('timeout', 20, @list);
  my $text = do { local $/; <$output> } // '';
  return undef unless close $output;
  my @found = sort { $a <=> $b } map { hex } $text =~ /"max_txid": "([0-9a-f]+)"/g;
  return $found[-1] // 0;
}

1;
`;
