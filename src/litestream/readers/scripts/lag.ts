/** How far a reader lags: a file for the app and the probes, and log lines. */
export const lagModule = String.raw`package Lag;
# Since when a reader is known to hold all that the app had written, and who is told of it.
use strict;
use warnings;
use Common;
use Positions;

# Seconds after which what is known of the app is too old to go by.
use constant FORGOTTEN => 15;

sub new {
  my ($class, %o) = @_;
  return bless { %o, samples => [], written => 0 }, $class;
}

# Where the app is, if that was found out lately.
sub known {
  my ($self) = @_;
  my $last = $self->{last};
  return $last && Common::now() - $last->{asked} < FORGOTTEN ? $last : undef;
}

# Takes in what was found out since, given what the reader holds: { txid, reason }.
sub note {
  my ($self, $reader, $at_once) = @_;
  my $samples = $self->{samples};
  my $found = Positions::of($self->{positions}, $self->{db});
  if ($found && $found->{asked} != ($self->{last} // { asked => 0 })->{asked}) {
    $self->{last} = $found;
    pop @$samples if @$samples && $samples->[-1]{txid} == $found->{txid};
    push @$samples, $found;
    # After a long time it need not be known to the second.
    splice @$samples, 1, 1 if @$samples > 600;
  }
  my @reached = grep { defined $reader->{txid} && $_->{txid} <= $reader->{txid} } @$samples;
  if (@reached) {
    $self->{caught_up} = $reached[-1]{asked};
    @$samples = grep { $_->{asked} > $self->{caught_up} } @$samples;
  }
  my $now = Common::now();
  $self->tell($now, $reader);
  $self->write($now, $reader) if $at_once || $now - $self->{written} >= 0.5;
  return;
}

# Why it lags, should it.
sub reason {
  my ($self, $reader) = @_;
  my $known = $self->known;
  return $reader->{reason} if $reader->{reason};
  return 'restoring' unless defined $reader->{txid};
  return 'neither the app nor the replica can be asked' unless $known;
  if ($known->{txid} <= $reader->{txid}) {
    my $ago = Common::now() - $known->{asked};
    return $ago < 1.5 ? '' : sprintf 'where the app is was last found out %.0f s ago', $ago;
  }
  return "the $known->{source} is at transaction $known->{txid}, this reader at $reader->{txid}";
}

# One line when it falls behind, one when it has caught up.
sub tell {
  my ($self, $now, $reader) = @_;
  return unless defined $self->{caught_up};
  my $lag = $now - $self->{caught_up};
  return if !($lag > $self->{max_lag}) == !$self->{behind};
  $self->{behind} = $lag > $self->{max_lag};
  my $why = $self->reason($reader);
  if ($self->{behind}) { Common::say('WARN', $self->{db}, sprintf 'behind by %.0f s: %s', $lag, $why) }
  else { Common::say('INFO', $self->{db}, 'caught up') }
  return;
}

# For the app, the probes and the metrics. "clock" is when this was written, by the clock of Common::now.
sub write {
  my ($self, $now, $reader) = @_;
  $self->{written} = $now;
  my $last = $self->{last};
  my $lag = defined $self->{caught_up} ? sprintf '%.1f', $now - $self->{caught_up} : 'null';
  my @fields = (
    db => Common::json($self->{db}),
    lagSeconds => $lag,
    txid => $reader->{txid} // 'null',
    sourceTxid => $last ? $last->{txid} : 'null',
    source => Common::json($last ? $last->{source} : 'none'),
    reason => Common::json($self->reason($reader)),
    clock => sprintf('%.2f', $now),
  );
  my @pairs;
  while (my ($name, $value) = splice @fields, 0, 2) { push @pairs, qq("$name":$value) }
  Common::write_file("$self->{status}$self->{db}.json", '{' . join(',', @pairs) . "}\n");
  return;
}

1;
`;
