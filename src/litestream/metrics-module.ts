/** What an app's Litestream says of its databases, for readers and proofs. In Perl, as they are. */
export const metricsModule = String.raw`package Metrics;
use strict;
use warnings;
use IO::Socket::IP;

# ask(ADDRESS, SECONDS): numbers by database and name; nothing when Litestream doesn't answer in time, as $@ says
sub ask {
  my ($address, $seconds) = @_;
  my $found;
  my $answered = eval {
    local $SIG{ALRM} = sub { die "no answer in time\n" };
    alarm $seconds;
    my $socket = IO::Socket::IP->new(PeerAddr => $address, Timeout => $seconds / 2) or die(($@ || 'no connection') . "\n");
    print {$socket} "GET /metrics HTTP/1.0\r\nHost: $address\r\n\r\n";
    my $status = <$socket> // '';
    $status =~ m{^HTTP/1\S* 200} or die "the answer isn't Litestream's metrics\n";
    $found = numbers($socket);
    1;
  };
  my $error = $@;
  alarm 0;
  $@ = $error;
  return $answered && $found;
}

sub numbers {
  my ($from) = @_;
  my %found;
  while (<$from>) {
    my ($name, $db, $value) = /^litestream_(\w+)\{db="((?:[^"\\]|\\.)*)"(?:,name="[^"]*")?\} (\S+)/ or next;
    $db =~ s/\\(.)/$1 eq 'n' ? "\n" : $1/ge;
    $found{$db}{$name} = $value + 0;
  }
  return \%found;
}

1;
`;
