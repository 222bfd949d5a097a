/** One database: runs Litestream, takes over what it fetches, and starts anew when it is stuck. */
export const followerModule = String.raw`package Follower;
# One database: Litestream follows the replica into a private file, from which the app's file is made.
use strict;
use warnings;
use Common;
use Lag;
use Pages;
use Publish;
use POSIX ();

# Seconds.
use constant {
  # A private file behind the replica for so long is started anew: Litestream can't bridge a gap.
  STUCK => 60,
  # For how long readers may keep a change out of the app's file before they are let in again.
  PATIENCE => 2,
};

sub new {
  my ($class, %o) = @_;
  return bless { %o, lag => Lag->new(%o), private => "$o{folder}$o{db}", log => '' }, $class;
}

sub say { my ($self, $level, $message) = @_; Common::say($level, $self->{db}, $message); return }

sub run {
  my ($self) = @_;
  # A change of the app's file is carried through.
  $SIG{TERM} = sub { $self->{publishing} ? ($self->{told_to_end} = 1) : $self->leave };
  for (my $failures = 0;; $failures = $self->{opened} ? 0 : $failures + 1) {
    $self->start;
    my $why = $self->follow;
    $self->end;
    $self->failed($why, $failures);
    my $until = Common::now() + ($failures < 4 ? 2 ** $failures : 30);
    while (Common::now() < $until) { Common::pause(0.5); $self->{lag}->note($self) }
  }
}

sub leave { my ($self) = @_; $self->end; POSIX::_exit(0) }

# One line for each reason, not for each try.
sub failed {
  my ($self, $why, $failures) = @_;
  if ($why =~ /no matching backup files/) {
    $self->say('INFO', 'the replica holds no backup yet: waiting for the first one') unless $failures;
    $self->{reason} = 'the replica holds no backup yet';
  }
  else {
    $self->say('ERROR', "$why: restoring anew") unless $why eq ($self->{reason} // '');
    $self->{reason} = $why;
  }
  return;
}

sub start {
  my ($self) = @_;
  my $private = $self->{private};
  Common::make_folder($private);
  unlink map { "$private$_" } '', '-txid', '-txid.tmp', '.tmp', '-wal', '-shm', '-journal';
  delete @$self{qw(opened txid fetched stopped behind_since moved)};
  $self->{error} = '';
  my @command = ('litestream', 'restore', '-config', $self->{config}, '-f');
  push @command, '-integrity-check', 'quick', '-o', $private, $self->{db};
  ($self->{pid}, my $output) = Common::start(@command);
  $output->blocking(0);
  $self->{output} = $output;
  return;
}

sub end {
  my ($self) = @_;
  return unless $self->{pid};
  kill 'KILL', $self->{pid};
  close $self->{output};
  delete $self->{pid};
  return;
}

# Until Litestream ends or must be ended; gives the reason.
sub follow {
  my ($self) = @_;
  for (;; Common::pause(0.1)) {
    return $self->{error} || 'litestream restore ended' unless $self->read_log;
    $self->take_over;
    $self->{lag}->note($self);
    $self->pace;
    my $why = $self->stuck;
    return $why if $why;
  }
}

# What Litestream says, as JSON; it says each applied file, which nobody needs.
sub read_log {
  my ($self) = @_;
  my $got = sysread $self->{output}, $self->{log}, 65_536, length $self->{log};
  while ($self->{log} =~ s/^(.*)\n//) {
    my $line = $1;
    my ($level, $message) = $line =~ /^time=\S+ level=(\w+) msg="?((?:[^"\\ ]|\\.| )*?)"? \w+=/;
    my ($error) = $line =~ /err(?:or)?="((?:[^"\\]|\\.)*)"/;
    if (!defined $level) { $self->{error} = $line =~ s/^Error: //r }
    elsif ($level ne 'INFO') {
      $message .= ': ' . $error =~ s/\\(["\\])/$1/gr if defined $error;
      $self->say($level, $message);
    }
  }
  return defined $got ? $got : 1;
}

# Puts what has come into the app's file.
sub take_over {
  my ($self) = @_;
  my ($text) = (Common::read_file("$self->{private}-txid") // '') =~ /^([0-9a-f]+)/ or return;
  my $txid = $self->{fetched} = hex $text;
  return if $txid == ($self->{txid} // -1) || Common::now() < ($self->{retry} // 0);
  my $began = Common::now();
  $self->{opened} //= Publish::opened($self->{private}, $self->{db});
  $self->{publishing} = 1;
  my $why = Publish::publish($self->{opened}, PATIENCE);
  $self->{publishing} = 0;
  $self->leave if $self->{told_to_end};
  if ($why) {
    $self->{reason} = $why;
    $self->{retry} = Common::now() + 1 if Common::now() - $began >= PATIENCE;
    return;
  }
  $self->say('INFO', 'restored, following the replica') unless defined $self->{txid};
  $self->{txid} = $txid;
  $self->{moved} = Common::now();
  $self->{reason} = '';
  $self->{lag}->note($self, 'at once');
  return;
}

# Litestream looks into the replica every second, with 9 LIST requests when there is nothing new. So it
# is stopped while the app has nothing new either. What is new is uploaded at the next sync: at once
# after a quiet time, otherwise a sync interval after the last one.
sub pace {
  my ($self) = @_;
  return unless $self->{txid};
  my ($now, $known) = (Common::now(), $self->{lag}->known);
  my $wanted = 0;
  if ($known && $known->{txid} <= $self->{fetched}) { delete $self->{behind_since} }
  else {
    my $since = $now - ($self->{behind_since} //= $now);
    my $quiet = $self->{behind_since} - $self->{moved} > 2 * $self->{sync};
    # Where nothing comes for long it isn't asked for all the time.
    $wanted = ($quiet || $since >= $self->{sync}) && ($since < $self->{sync} + 10 || $since % 10 < 2);
  }
  if ($wanted) { kill 'CONT', $self->{pid} if delete $self->{stopped} }
  elsif (!$self->{stopped}) {
    # Not in the middle of a change, while it holds the lock.
    my $file = Pages::open_file($self->{private});
    return unless Pages::lock_file($file, 0);
    kill 'STOP', $self->{pid};
    $self->{stopped} = 1;
  }
  return;
}

# Why the database must be restored anew, if it must.
sub stuck {
  my ($self) = @_;
  my ($now, $known, $fetched) = (Common::now(), $self->{lag}->known, $self->{fetched});
  return unless $self->{txid} && $known;
  if ($known->{txid} == $fetched) { $self->{looked} = $now; return }
  return if $now - ($self->{looked} //= $now) < STUCK || $now - $self->{moved} < STUCK;
  if ($known->{txid} < $fetched) {
    # Once: the replica may hold nothing else.
    return if $fetched == ($self->{gone_back} // -1);
    $self->{gone_back} = $fetched;
    return "the $known->{source} has gone back to transaction $known->{txid}, this reader is at $fetched";
  }
  my $there = Common::replica_txid($self->{config}, $self->{db}, 'all') // 0;
  # Twice, as it may have come right now.
  my $twice = $there > $fetched && ($self->{ahead} // -1) == $fetched;
  ($self->{ahead}, $self->{looked}) = $there > $fetched ? ($fetched, $now - STUCK / 2) : (-1, $now);
  return unless $twice;
  return "the replica is at transaction $there, and Litestream can't get there from $fetched";
}

1;
`;
