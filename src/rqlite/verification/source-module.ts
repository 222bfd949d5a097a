/**
 * Where the database of a cluster comes from, for the proof: fetch.sh has got its newest backup before, and asked the cluster
 * how far it is. A backup carries the index of the last change in it.
 */
export const sourceModule = String.raw`package Source;
use strict;
use warnings;
use FindBin;

my %facts;

sub databases {
  %facts = map { /^(\S+) ?(.*?)\s*$/ ? ($1 => $2) : () } split /\n/, Run::content("$Run::work/facts");
  defined $facts{end} or die "the backup's download was killed, for example for want of memory\n";
  chomp(my $name = Run::program("databases"));
  return $name;
}

sub restore {
  my ($name, $file) = @_;
  die "$facts{failed}\n" if defined $facts{failed};
  rename "$Run::work/backup.db", $file or die "nothing was restored\n";
  my $id = $facts{id} // '';
  return { seconds => $facts{seconds}, transaction => $id =~ /^\d+$/ ? $id : undef };
}

# fresh: a backup without the cluster's last change has to be younger than two of them are apart.
sub fresh {
  die "the cluster doesn't say how far it is, so nobody knows whether the backup is: $facts{unreachable}\n" unless defined $facts{index};
  my ($index, $id, $age, $allowed) = @facts{qw(index id age allowed)};
  my $told = { transaction => $index };
  if ($id eq $index) {
    $told->{message} = "it has the cluster's last change, index $index";
    return $told;
  }
  my $behind = $id =~ /^\d+$/
    ? $id > $index
      ? "it ends at index $id, the cluster is at $index only: it is of another cluster, or of this one before it began anew"
      : "it ends at index $id, the cluster was at $index"
    : "it doesn't say at which index it ends, the cluster was at $index";
  die "the backup is $age s old, and $behind: a new one has to come within $allowed s\n" if $age > $allowed;
  $told->{message} = "$age s old, of $allowed s at most; $behind";
  return $told;
}

1;
`;
