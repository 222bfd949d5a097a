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

# A character of two bytes or more; no surrogates, and nothing beyond Unicode, which Perl itself would take.
my $UTF8 = qr/[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]
  |\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}/x;

# clean(BYTES): the same bytes where they are UTF-8, so that a text that was cut loses one character only.
sub clean {
  my ($text) = @_;
  $text =~ s/($UTF8)|[\x80-\xff]/$1 \/\/ '?'/ge;
  return $text;
}

1;
`;
