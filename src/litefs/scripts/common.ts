/** What guard and backup share. Perl, as it is in Litestream's image. */
export const clusterModule = String.raw`package Cluster;
use strict;
use warnings;
use Errno;
use IO::Socket::IP;
use POSIX ();

our $data = $ENV{LITEFS_DATA} // '/var/lib/litefs';
# Where hosts are found otherwise than by their names, as "HOST=ADDRESS:PORT ...".
my %address = map { split /=/ } split / /, $ENV{LITEFS_ADDRESSES} // '';

sub say_it {
  my ($level, $message, $db) = @_;
  s/([\\"])/\\$1/g, s/[\x00-\x1f]+/ /g for my ($m, $d) = ($message, $db // '');
  printf qq({"time":"%s","level":"%s","msg":"%s","db":"%s"}\n), POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime), $level, $m, $d;
}

# get(HOST, PATH, SECONDS [, FILE]): the body, or the file with it; dies with what is wrong
sub get {
  my ($host, $path, $seconds, $file) = @_;
  my $body = '';
  my $done = eval {
    local $SIG{ALRM} = sub { die "no answer in time\n" };
    alarm $seconds;
    my $socket = IO::Socket::IP->new(PeerAddr => $address{$host} // "$host:20202", Timeout => $seconds < 5 ? $seconds : 5) or die(($@ || 'no connection') . "\n");
    print {$socket} "GET $path HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n\r\n";
    my $status = <$socket> // die "no answer\n";
    $status =~ m{^HTTP/1\S* 200} or die "the answer is $status";
    my ($chunked, $length);
    while (defined(my $line = <$socket>)) {
      last if $line =~ /^\r?\n$/;
      $chunked = 1 if $line =~ /^Transfer-Encoding:\s*chunked/i;
      $length = $1 if $line =~ /^Content-Length:\s*(\d+)/i;
    }
    my $out;
    if (defined $file) { open $out, '>', $file or die "can't write $file: $!\n" }
    my $take = sub {
      my ($want) = @_;
      while ($want > 0) {
        alarm $seconds;
        my $got = read $socket, my $part, $want > 65536 ? 65536 : $want;
        die "broken off\n" unless $got;
        $want -= $got;
        if ($out) { print {$out} $part or die "can't write $file: $!\n" } else { $body .= $part }
      }
    };
    if ($chunked) {
      # An answer that breaks off has no last chunk.
      while (1) {
        my $size = <$socket> // die "broken off\n";
        $size =~ /^([0-9a-fA-F]+)/ or die "broken off\n";
        last unless hex $1;
        $take->(hex $1);
        <$socket>;
      }
    } elsif (defined $length) { $take->($length) }
    else { die "an answer without a length\n" }
    if ($out) { close $out or die "can't write $file: $!\n" }
    1;
  };
  my $error = $@;
  alarm 0;
  die $error unless $done;
  return $body;
}

# node(HOST): { id => the cluster's, txid => { DATABASE => NUMBER } }; dies when it doesn't answer
sub node {
  my ($host) = @_;
  my $info = get($host, '/info', 5);
  my $metrics = get($host, '/metrics', 5);
  my ($id) = $info =~ /"clusterID":\s*"([^"]*)"/;
  my %txid;
  $txid{$1} = $2 + 0 while $metrics =~ /^litefs_db_txid\{db="([^"]+)"\} (\S+)/mg;
  $_ > 0 or undef $_ for values %txid;
  delete $txid{$_} for grep { !defined $txid{$_} } keys %txid;
  return { id => $id // '', txid => \%txid };
}

# peer(HOST): the same of a pod whose LiteFS runs, or whose guard waits and tells what it holds, or that it takes (taking)
sub peer {
  my ($host) = @_;
  my $node = eval { node($host) };
  return $node if $node;
  die $@ unless $@ =~ /^the answer is /;
  my $said = get($host, '/guard', 5);
  my ($id) = $said =~ /^cluster (\S+)$/m;
  my %txid;
  $txid{$2} = $1 + 0 while $said =~ /^transaction (\d+) (.+)$/mg;
  return { id => $id // '', txid => \%txid, taking => scalar $said =~ /^taking$/m };
}

my $server;

# serve(TEXT): has a process answer /guard with it, where LiteFS will listen
sub serve {
  my ($text) = @_;
  my %listen = (LocalPort => $ENV{GUARD_PORT} // 20202, Listen => 16, ReuseAddr => 1);
  my $socket = IO::Socket::IP->new(%listen, LocalHost => '::', V6Only => 0) || IO::Socket::IP->new(%listen, LocalHost => '0.0.0.0') or die "can't listen on port $listen{LocalPort}: $@\n";
  my $parent = $$;
  $server = fork // die "can't fork: $!\n";
  return if $server;
  $SIG{TERM} = 'DEFAULT';
  $SIG{PIPE} = 'IGNORE';
  $socket->timeout(1);
  while (getppid() == $parent) {
    my $client = $socket->accept or next;
    eval {
      local $SIG{ALRM} = sub { die };
      alarm 5;
      my $asked = <$client> // '';
      while (defined(my $line = <$client>)) { last if $line =~ /^\r?\n$/ }
      my ($status, $body) = $asked =~ m{^GET /guard } ? ('200 OK', $text) : ('404 Not Found', '');
      print {$client} "HTTP/1.1 $status\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
    };
    alarm 0;
    close $client;
  }
  POSIX::_exit(0);
}

# Gives the port back, to LiteFS.
sub unserve {
  return unless $server;
  # The exit code, when called while this process ends.
  local $?;
  kill KILL => $server;
  waitpid $server, 0;
  undef $server;
}

# databases: the names of those in this pod's folder; dies when it can't be read
sub databases {
  opendir my $folder, "$data/dbs" or ($!{ENOENT} ? return () : die "can't read $data/dbs: $!\n");
  return sort grep { !/^\.\.?$/ } readdir $folder;
}

# own: the same of this pod's folder, where LiteFS names a database's changes by their transactions
sub own {
  my %txid;
  for my $name (databases()) {
    my ($last) = reverse sort map { /-([0-9a-f]{16})\.ltx$/ ? $1 : () } glob "$data/dbs/$name/ltx/*.ltx";
    $txid{$name} = hex $last if defined $last;
    $txid{$name} //= 0 if -s "$data/dbs/$name/database";
  }
  my $id = '';
  if (open my $file, '<', "$data/clusterid") { $id = <$file> // ''; $id =~ s/\s+//g }
  return { id => $id, txid => \%txid };
}

# is_sqlite(DATABASE): whether its file, if it has one, begins as one of SQLite's
sub is_sqlite {
  my $path = "$data/dbs/$_[0]/database";
  my $size = -s $path or return 1;
  open my $file, '<:raw', $path or die "can't read $path: $!\n";
  read $file, my $magic, 16;
  return $size >= 100 && $magic eq "SQLite format 3\0";
}

# run(COMMAND...): whether it succeeded, and what it said
sub run {
  my @command = @_;
  my $pid = open(my $out, '-|') // die "can't fork: $!\n";
  unless ($pid) { open STDERR, '>&', \*STDOUT; exec { $command[0] } @command or POSIX::_exit(127) }
  local $/;
  my $said = <$out> // '';
  close $out;
  return ($? == 0, $said);
}

# why(OUTPUT): the line of it that says what is wrong
sub why {
  my @lines = grep { /\S/ } split /\n/, $_[0];
  my ($line) = reverse grep { /^Error:|"level":"ERROR"|^exec / } @lines;
  return substr($line // $lines[-1] // 'it said nothing', 0, 500);
}

sub sql {
  my ($file, $sql) = @_;
  my ($done, $said) = run('sqlite3', '-batch', '-bail', '-cmd', '.timeout 5000', $file, $sql);
  die "sqlite3: " . why($said) . "\n" unless $done;
  chomp $said;
  return $said;
}

# hand_over(FILE.YML): what it names goes into the replica
sub hand_over {
  my ($done, $said) = run('litestream', 'replicate', '-once', '-config', $_[0]);
  die why($said) . "\n" unless $done;
}

1;
`;
