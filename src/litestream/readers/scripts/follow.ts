/** Process 1 of the follower: a process for each database, one that asks where the app is, and metrics. */
export const followScript = String.raw`#!/usr/bin/perl
# usage: follow.pl PRIVATE STATUS APP METRICS_PORT MAX_LAG SYNC_INTERVAL {PATH | --optional PATH}...
# PRIVATE and STATUS are folders, APP is host:port of the app's metrics, the rest seconds.
use strict;
use warnings;
my $here;
BEGIN { ($here) = $0 =~ m{^(.*)/}; unshift @INC, $here }
use Common;
use Follower;
use IO::Select;
use IO::Socket::IP;
use Positions;
use POSIX ();

my ($folder, $status, $app, $port, $max_lag, $sync, @arguments) = @ARGV;
my @databases = grep { $_ ne '--optional' } @arguments;
my $config = "$here/litestream.yml";
my %children;
$SIG{TERM} = $SIG{INT} = sub { leave(0) };
$SIG{PIPE} = 'IGNORE';
$SIG{__WARN__} = sub { Common::say('WARN', '', $_[0] =~ s/\s+$//r) };

# A follower that is just changing the app's file does that first.
sub leave {
  my ($code) = @_;
  kill 'TERM', keys %children;
  1 while waitpid(-1, 0) > 0;
  POSIX::_exit($code);
}

sub in_background {
  my ($what, $run) = @_;
  my $pid = fork // die "can't fork: $!\n";
  if ($pid) { $children{$pid} = $what; return }
  %children = ();
  $SIG{TERM} = $SIG{INT} = 'DEFAULT';
  eval { $run->(); 1 } or Common::say('ERROR', $what, $@ =~ s/\s+$//r);
  POSIX::_exit(1);
}

# What the followers have written down, for Prometheus.
sub metrics {
  my %help = (
    lag_seconds => 'Seconds since the reader was last known to hold all that the app had written',
    txid => 'The last transaction that the reader holds',
    caught_up => 'Whether the reader is ready as far as this database goes',
  );
  my %lines;
  for my $db (@databases) {
    my $text = Common::read_file("$status$db.json") // next;
    my ($lag) = $text =~ /"lagSeconds":([\d.]+)/;
    my ($clock) = $text =~ /"clock":([\d.]+)/;
    my ($txid) = $text =~ /"txid":(\d+)/;
    $lag += Common::now() - $clock if defined $lag;
    $lines{caught_up} .= sprintf qq(litestream_reader_caught_up{db="%s"} %d\n), $db, defined $lag && $lag <= $max_lag;
    $lines{lag_seconds} .= sprintf qq(litestream_reader_lag_seconds{db="%s"} %.1f\n), $db, $lag if defined $lag;
    $lines{txid} .= qq(litestream_reader_txid{db="$db"} $txid\n) if defined $txid;
  }
  return join '', map {
    "# HELP litestream_reader_$_ $help{$_}\n# TYPE litestream_reader_$_ gauge\n$lines{$_}"
  } sort keys %lines;
}

sub answer {
  my ($client) = @_;
  return unless IO::Select->new($client)->can_read(1) && sysread $client, my $request, 4096;
  my $found = $request =~ m{^GET /metrics[ ?]};
  my $body = $found ? metrics() : "metrics are at /metrics\n";
  my $type = 'text/plain; version=0.0.4; charset=utf-8';
  my $head = ($found ? '200 OK' : '404 Not Found') . "\r\nContent-Type: $type\r\nConnection: close";
  print {$client} "HTTP/1.0 $head\r\nContent-Length: @{[ length $body ]}\r\n\r\n$body";
  return;
}

# What the process before this one knew.
unlink "$folder/positions", map { "$status$_.json" } @databases;
my %watched = (file => "$folder/positions", config => $config, databases => \@databases, app => $app);
in_background('positions', sub {
  Positions::watch(%watched, every => 0.5, replica_every => $max_lag / 3);
});
for my $db (@databases) {
  in_background($db, sub {
    Follower->new(
      db => $db, folder => $folder, status => $status, positions => $watched{file},
      config => $config, max_lag => $max_lag, sync => $sync,
    )->run;
  });
}

my %listen = (LocalPort => $port, Listen => 16, ReuseAddr => 1);
my $server = IO::Socket::IP->new(%listen, LocalHost => '::', V6Only => 0)
  || IO::Socket::IP->new(%listen, LocalHost => '0.0.0.0');
Common::say('ERROR', '', "can't listen on port $port: $@") unless $server;
for (;;) {
  if ($server && IO::Select->new($server)->can_read(1)) {
    my $client = $server->accept;
    answer($client) if $client;
  }
  Common::pause(1) unless $server;
  my $ended = waitpid -1, POSIX::WNOHANG();
  next unless $ended > 0 && $children{$ended};
  # The container starts anew; the app goes on reading what it has.
  Common::say('ERROR', '', "the part for $children{$ended} has ended");
  leave(1);
}
`;
