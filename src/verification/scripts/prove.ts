/**
 * Proves each database of a backup: restores it, looks at what came back, and says what it found. Where the
 * databases come from is the source's (Source.pm), and nothing of that is known here.
 */
export const proveScript = String.raw`# usage: prove.pl SECONDS stay|end APP NAMESPACE full|quick|none FOREIGN_KEYS {INDEX DATABASE}...
# FOREIGN_KEYS is yes or no; each INDEX is an assertion's, for a database or the folder of some.
use strict;
use warnings;
use POSIX ();
use Time::HiRes ();
use FindBin;
use lib $FindBin::Bin;

use Json;
use Run;
use Outcome;
use Source;

$| = 1;
my ($seconds, $then, $app, $namespace, $integrity, $foreign_keys, @assertions) = @ARGV;
my $work = $ENV{PROOF_FOLDER};
my $report = $ENV{REPORT_FOLDER};
my $file = "$work/restored.db";

# A container that was killed is started again: its report is there already.
if (-e "$report/title") {
  Outcome::killed($report) unless -e "$report/done";
  idle();
}

$Run::work = $work;
$Run::end = time + $seconds;
Outcome::begin($report, $app, $namespace);
my @databases = eval { Source::databases() };
Outcome::step('', 'list', 'failed', chomped($@)) if $@;
prove($_) for @databases;
Outcome::step('', 'list', 'failed', 'there was no database to prove') unless Outcome::found();
Outcome::finish();
idle();

# In a sidecar, whose end would only have it started again.
sub idle {
  exit 0 if $then eq 'end';
  $SIG{TERM} = sub { exit 0 };
  POSIX::pause() while 1;
}

sub chomped { my ($text) = @_; chomp $text; return $text }

sub prove {
  my ($db) = @_;
  my %facts = (database => $db, outcome => 'passed', steps => []);
  my $restored;
  my @steps = (
    restore => sub {
      my $began = Time::HiRes::time();
      clear();
      $restored = Source::restore($db, $file);
      return 'neither in the app nor in the backup' unless $restored;
      looks_like_a_database();
      $facts{restoredTransaction} = $restored->{transaction} if defined $restored->{transaction};
      $facts{bytes} = Json::number(-s $file);
      $facts{restoreSeconds} = Json::number(sprintf '%.2f', $restored->{seconds} // Time::HiRes::time() - $began);
      return 'restored ' . (-s $file) . ' bytes';
    },
    $integrity eq 'none'
    ? ()
    : (integrity => sub {
      my $said = sqlite($integrity eq 'quick' ? 'PRAGMA quick_check' : 'PRAGMA integrity_check');
      # The first line names what is wrong, the last only counts.
      my ($first) = split /\n/, $said;
      $said eq 'ok' or die "integrity check: " . Run::complaint($first // '') . "\n";
      return 'ok';
    }),
    $foreign_keys eq 'yes'
    ? ('foreign keys' => sub {
        my $said = sqlite('PRAGMA foreign_key_check');
        my @rows = split /\n/, $said;
        $said eq '' or die @rows . " rows refer to what isn't there; the first: $rows[0]\n";
        return 'ok';
      })
    : (),
    freshness => sub {
      my $live = Source::fresh($db, $restored);
      $facts{appTransaction} = $live->{transaction} if defined $live->{transaction};
      $facts{note} = $live->{note} if defined $live->{note};
      return $live->{message};
    },
    assertions_of($db),
  );
  while (my ($step, $code) = splice @steps, 0, 2) {
    Outcome::entering($db, $step);
    my $message = eval { $code->() };
    my $error = chomped($@);
    if ($error ne '') {
      @facts{qw(outcome step message)} = ('failed', $step, $error);
      push @{ $facts{steps} }, { step => $step, outcome => 'failed', message => $error };
      Outcome::step($db, $step, 'failed', $error);
      last;
    }
    push @{ $facts{steps} }, { step => $step, outcome => $restored ? 'passed' : 'absent' };
    Outcome::step($db, $step, $restored ? 'passed' : 'absent', $message);
    unless ($restored) { $facts{outcome} = 'absent'; last }
  }
  clear();
  Outcome::database(%facts);
}

sub clear { unlink map { $file . $_ } '', '-wal', '-shm', '-journal', '.tmp' }

# What Litestream or a download leaves behind may be an empty file, which SQLite takes for a sound database.
sub looks_like_a_database {
  open my $handle, '<', $file or die "nothing was restored\n";
  read $handle, my $begins, 16;
  $begins eq "SQLite format 3\0" or die "what was restored is not a database\n";
}

# sqlite(SQL): what it says, of the restored file, which nothing may change.
sub sqlite {
  my ($sql) = @_;
  my $said = Run::run('sqlite3', '-batch', '-bail', '-readonly', '-safe', "file:$file?immutable=1", " $sql");
  chomp $said;
  return $said;
}

sub assertions_of {
  my ($db) = @_;
  my @found;
  my @all = @assertions;
  while (my ($index, $of) = splice @all, 0, 2) {
    next unless $db eq $of || index($db, "$of/") == 0;
    push @found, "assertions[$index]" => sub {
      my $sql = Run::program("assertion-$index.sql");
      my $expected = Run::program("assertion-$index.expected");
      my $said = sqlite($sql);
      $said eq $expected or die 'expected ' . shown($expected) . ', found ' . shown($said) . ": $sql\n";
      return 'holds';
    };
  }
  return @found;
}

sub shown { my ($text) = @_; return '"' . Json::clean(substr $text, 0, 100) . '"' }
`;
