/** Runs programs for the proof, none of them longer than it has time for. */
export const runModule = String.raw`package Run;
use strict;
use warnings;

our $work;    # where outputs are kept meanwhile
our $end;     # when the proof must have ended, in seconds since the epoch
my $child;

# Stops with the pod, and what it started too.
$SIG{TERM} = sub { kill KILL => -$child if $child; exit 143 };

sub left { my $left = $end - time; return $left > 0 ? $left : 0 }

# run(COMMAND...): what it said on standard output; dies with what it complained of last.
sub run {
  my @command = @_;
  my $seconds = left();
  die "time is up: raise the verification's deadline\n" unless $seconds;
  $child = fork // die "can't fork: $!\n";
  unless ($child) {
    setpgrp;
    $SIG{TERM} = 'DEFAULT';
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', "$work/out";
    open STDERR, '>', "$work/err";
    exec { $command[0] } @command or do { print STDERR "can't run $command[0]: $!\n"; POSIX::_exit(127) };
  }
  my $late = !eval {
    local $SIG{ALRM} = sub { die "late\n" };
    alarm $seconds;
    waitpid $child, 0;
    alarm 0;
    1;
  };
  alarm 0;
  if ($late) {
    kill KILL => -$child;
    waitpid $child, 0;
  }
  my $status = $?;
  undef $child;
  die "took longer than the " . $seconds . " s that were left: raise the verification's deadline\n" if $late;
  my ($out, $err) = (content("$work/out"), content("$work/err"));
  return $out if $status == 0;
  die complaint("$err$out") . "\n";
}

# complaint(OUTPUT): the line of it that says what is wrong.
sub complaint {
  my @lines = grep { /\S/ } split /\n/, $_[0];
  my ($error) = reverse grep { /^Error:|level=ERROR/ } @lines;
  my $line = Json::clean($error // $lines[-1] // 'it said nothing');
  $line =~ s/^Error: //;
  return substr $line, 0, 500;
}

# needs(BYTES): dies where a database of so many wouldn't fit, as a pod that is out of space is killed with its reporter.
sub needs {
  my ($bytes) = @_;
  my (undef, $free) = map { [split] } split /\n/, run('df', '-Pk', $work);
  my $room = $free->[3] * 1024;
  my $limit = $ENV{PROOF_SIZE_LIMIT};
  $room = $limit * 0.95 if defined $limit && $limit * 0.95 < $room;
  die sprintf "%d MB are needed to restore it, and there is room for %d MB: raise the verification's sizeLimit, or give the node a larger disk\n",
    $bytes / 1e6 + 1, $room / 1e6
    if $bytes > $room;
}

# program(NAME): a file that belongs to the proof; without it nothing is proven.
sub program {
  my ($name) = @_;
  -e "$FindBin::Bin/$name" or die "the proof has no file $name: was it changed while it started?\n";
  return content("$FindBin::Bin/$name");
}

sub content {
  my ($path) = @_;
  open my $file, '<', $path or return '';
  local $/;
  return <$file> // '';
}

1;
`;
