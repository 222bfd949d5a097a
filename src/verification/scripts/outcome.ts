/**
 * What the proof found, as each receiver takes it. It is written anew whenever a step begins, and says then that the
 * proof ended there without a result: a proof that is killed has its report already.
 */
export const outcomeModule = String.raw`package Outcome;
use strict;
use warnings;
use POSIX ();
use Time::HiRes ();

my ($folder, $app, $namespace);
my ($began, $failure, $current, @databases, @lines, @failed, @notes);
my ($proven, $absent, $seconds) = (0, 0, 0);
my $log = '';

# Longer texts are cut by receivers, or refused.
my $TEXT = 3_000;
my $LOG = 10_000;
# healthchecks.io keeps so much.
my $BODY = 100_000;

sub begin {
  ($folder, $app, $namespace) = @_;
  $began = Time::HiRes::time();
  $current = ['start', '', 'the proof ended before its first step'];
  publish();
}

# say_line(LEVEL, MESSAGE, FIELDS): one JSON object a line, as Litestream itself writes.
sub say_line {
  my ($level, $message, %fields) = @_;
  my $time = POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime);
  my $line = Json::encode({ app => $app, namespace => $namespace, %fields });
  $line =~ s/^\{/'{"time":"' . $time . '","level":"' . $level . '","msg":' . Json::text($message) . ','/e;
  print "$line\n";
  $log .= "$line\n";
  $log = substr $log, -$BODY if length $log > $BODY;
}

# entering(DATABASE, STEP): what is said if nothing comes after it.
sub entering {
  my ($db, $step) = @_;
  $current = [$step, $db, "the proof ended in this step without a result: killed, for example for want of memory"];
  publish();
}

# step(DATABASE, STEP, OUTCOME, MESSAGE, FACTS)
sub step {
  my ($db, $step, $outcome, $message, %facts) = @_;
  my $what = $db eq '' ? $step : "$step of $db";
  my %fields = (db => $db, step => $step, outcome => $outcome, %facts);
  if ($outcome eq 'failed') {
    $failure //= [$step, $db, $message];
    say_line('ERROR', "verification failed: $what: $message", %fields);
  } else {
    say_line('INFO', "$what: $message", %fields);
  }
}

# note(LINE): what a person should know, though it proves and refutes nothing.
sub note {
  my ($line) = @_;
  push @notes, $line;
  say_line('INFO', $line);
}

# database(FACTS): one database is done.
sub database {
  my (%facts) = @_;
  push @databases, Json::encode(\%facts);
  $seconds += Json::value($facts{restoreSeconds}) if $facts{restoreSeconds};
  my $line;
  if ($facts{outcome} eq 'failed') {
    $line = "$facts{database}: FAILED in $facts{step}: $facts{message}";
    push @failed, $line;
  } elsif ($facts{outcome} eq 'absent') {
    $absent++;
    $line = "$facts{database}: neither in the app nor in the backup";
  } else {
    $proven++;
    $line = sprintf '%s: restored %s in %s s%s; %s', $facts{database}, size(Json::value($facts{bytes})), Json::value($facts{restoreSeconds}),
      $facts{restoredTransaction} ? "; transaction $facts{restoredTransaction}, the app was at " . ($facts{appTransaction} // 'none') : '',
      join ', ', map { "$_->{step} ok" } @{ $facts{steps} }[1 .. $#{ $facts{steps} }];
  }
  $line .= "; $facts{note}" if defined $facts{note};
  push @lines, $line;
}

sub size {
  my ($bytes) = @_;
  for my $unit (['GB', 1e9], ['MB', 1e6], ['kB', 1e3]) {
    return sprintf '%.1f %s', $bytes / $unit->[1], $unit->[0] if $bytes >= $unit->[1];
  }
  return "$bytes bytes";
}

# finish: says how it ended, and that nothing more comes.
sub finish {
  undef $current;
  if ($failure) {
    my $count = @failed == 0 ? 'nothing was proven' : @failed . ' of ' . count(scalar @lines);
    say_line('ERROR', "verification failed: $count", outcome => 'failed');
  } else {
    say_line('INFO', "verification passed: " . count($proven), outcome => 'passed');
  }
  publish();
  done($failure ? 'failed' : 'passed');
}

# killed(FOLDER): the report of a proof that was killed stands as it is.
sub killed {
  ($folder) = @_;
  done('failed');
}

# found: whether there was anything that was proven, or that failed
sub found { return $proven || $failure }

# done(OUTCOME): tells the reporter that nothing more comes.
sub done { put('done', "$_[0]\n") }

# publish: the report as it is now.
sub publish {
  my ($step, $db, $message) = @{ $failure // $current // [] };
  my $passed = !$failure && !$current;
  my $elapsed = Time::HiRes::time() - $began;
  my $title = $passed ? "$app: backup proven" : "$app: BACKUP NOT PROVEN (" . ($db eq '' ? $step : "$step of $db") . ')';
  my $first = $passed
    ? "$app in namespace $namespace: " . count($proven) . " restored and proven; a restore of all takes " . number($seconds) . ' s'
    : "$app in namespace $namespace: FAILED in $step" . ($db eq '' ? '' : " of $db") . ": $message";
  my @told = @lines;
  if (@lines > 50) {
    @told = @failed;
    push @told, count($proven) . ' more, proven' if $proven;
    push @told, count($absent) . ' neither in the app nor in the backup' if $absent;
  }
  push @told, @notes;
  my $text = Json::clean(substr join("\n", $first, '', @told), 0, $TEXT);
  # It becomes a header, which ends with its line.
  $title =~ s/[\x00-\x1f\x7f]/ /g;
  put('text', "$text\n");
  put('log', Json::clean("$text\n\n$log"));
  put('webhook.json', Json::encode({
    app => $app, namespace => $namespace, outcome => $passed ? 'passed' : 'failed',
    step => $step, database => ($db // '') eq '' ? undef : $db, message => $passed ? undef : $message,
    startedAt => POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $began), seconds => Json::number(number($elapsed)),
    restoreSeconds => Json::number(number($seconds)), databases => Json::number('[' . join(',', @databases) . ']'),
    log => length $log > $LOG ? substr($log, -$LOG) : $log,
  }));
  put('gotify.json', Json::encode({ title => $title, message => $text, priority => Json::number($passed ? 2 : 8) }));
  my $slack = $text;
  $slack =~ s/&/&amp;/g;
  $slack =~ s/</&lt;/g;
  $slack =~ s/>/&gt;/g;
  put('slack.json', Json::encode({ text => ($passed ? ":white_check_mark: " : ":rotating_light: ") . "*$title*\n$slack" }));
  # Last: where it is, the others are.
  put('title', Json::clean($title) . "\n");
}

sub number { return sprintf '%.2f', $_[0] }

sub count { return $_[0] == 1 ? '1 database' : "$_[0] databases" }

# put(NAME, CONTENT): whole or not at all, as the reporter reads it at any time.
sub put {
  my ($name, $content) = @_;
  open my $file, '>', "$folder/$name.new" or die "can't write $folder/$name: $!\n";
  print {$file} $content;
  close $file or die "can't write $folder/$name: $!\n";
  rename "$folder/$name.new", "$folder/$name" or die "can't write $folder/$name: $!\n";
}

1;
`;
