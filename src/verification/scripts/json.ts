/** JSON for the proof's log and reports: Debian's perl-base has no module for it. */
export const jsonModule = String.raw`package Json;
use strict;
use warnings;

# number(N): N as it is written in JSON; everything else that is no list and no hash is text.
sub number { my ($value) = @_; return \$value }
sub value { my ($number) = @_; return $$number }

sub encode {
  my ($value) = @_;
  my $kind = ref $value;
  return 'null' unless defined $value;
  return $$value if $kind eq 'SCALAR' || $kind eq 'REF';
  return '[' . join(',', map { encode($_) } @$value) . ']' if $kind eq 'ARRAY';
  return '{' . join(',', map { text($_) . ':' . encode($value->{$_}) } sort keys %$value) . '}' if $kind eq 'HASH';
  return text($value);
}

# text(BYTES): as UTF-8 in quotes; bytes that aren't UTF-8 become "?", as no receiver would take them.
sub text {
  my $text = clean($_[0]);
  $text =~ s/(["\\])/\\$1/g;
  $text =~ s/\n/\\n/g;
  $text =~ s/([\x00-\x1f\x7f])/sprintf '\\u%04x', ord $1/ge;
  return '"' . $text . '"';
}

# clean(BYTES): the same bytes where they are UTF-8.
sub clean {
  my ($text) = @_;
  my $copy = $text;
  $text =~ s/[^\x00-\x7f]/?/g unless utf8::decode($copy);
  return $text;
}

1;
`;
