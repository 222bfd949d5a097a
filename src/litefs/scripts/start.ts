/**
 * Runs LiteFS beside the app, in LiteFS's own image (Alpine: busybox). When LiteFS has died, its mount stays behind and the
 * app's open files are dead. So the mount is cleaned before the next one, and LiteFS isn't started before the app
 * that held it is gone: the app's liveness probe asks LiteFS, fails meanwhile, and has it restarted. The app is known by
 * its listening socket, as pods share their network.
 *
 * Without a mount the folder belongs to root and can't be written to: an app that starts then fails, instead of writing where
 * nothing is kept.
 *
 * That LiteFS may start it looks up itself, though the kubelet does, too: a kubelet that is started anew while the guard
 * refuses takes the guard for started (https://github.com/kubernetes/kubernetes/issues/142305).
 */
export const startScript = String.raw`# usage: start.sh MOUNT PORT GUARD_PORT
mount=$1 port=$2 guard=$3
umask 0
litefs=
say() { printf '{"level":"%s","msg":"%s"}\n' "$1" "$2"; }
mounted() { awk -v at="$mount" '$2 == at && $3 ~ /^fuse/ { found = 1 } END { exit !found }' /proc/self/mounts; }
clean() {
  while mounted; do
    umount -l "$mount" || { echo "ERROR: can't unmount $mount, which a LiteFS that died has left behind"; exit 1; }
  done
}
# The sockets on which the app listens, by inode.
sockets() { cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port=":$(printf %04X "$port")" '$4 == "0A" && substr($2, length($2) - 4) == port { print $10 }'; }
held() { for one in $(sockets); do case " $1 " in *" $one "*) return 0 ;; esac; done; return 1; }

# One that was never connected takes no notice of a signal. A mount that is still there when this container is killed keeps
# the pod from ever going, and a container that ends last may have two seconds: so the mount goes first. The app has ended.
end() {
  stopped=yes
  [ -n "$litefs" ] || return 0
  kill -TERM "$litefs" 2>/dev/null
  (sleep 1; umount -l "$mount" 2>/dev/null; sleep 4; kill -KILL "$litefs" 2>/dev/null) &
}
trap end TERM
clean
above=$(dirname "$mount")
mkdir -p "$mount" && chown 0:0 "$mount" "$above" && chmod 0555 "$mount" "$above" || exit 1
until [ -n "$stopped" ] || sh /etc/litefs/may-start.sh "$guard"; do
  [ -n "$waits" ] || say INFO "waiting until litestream-restore-snapshot says that LiteFS may start"
  waits=yes
  sleep 1
done
before=$(echo $(sockets))
if [ -n "$before" ]; then
  say WARN "LiteFS is started again: waiting until the app with files of the old mount has ended"
  until [ -n "$stopped" ] || ! held "$before"; do sleep 0.1; done
fi
[ -z "$stopped" ] || exit 143

litefs mount -config /etc/litefs/litefs.yml -skip-unmount &
litefs=$!
sh /etc/litefs/import.sh "$litefs" &
import=$!
# A signal ends the wait, not what is waited for.
wait "$import"
imported=$?
[ "$imported" = 0 ] || [ -n "$stopped" ] || { end; failed=yes; }
wait "$litefs"
code=$?
while kill -0 "$litefs" 2>/dev/null; do wait "$litefs"; code=$?; done
[ -z "$failed" ] || code=1
clean
exit "$code"
`;

/** Brings what was restored into LiteFS, once it is primary; what is left half-way is done again. */
export const importScript = String.raw`# usage: import.sh [PID of LiteFS]
folder=/var/lib/litefs/restored
[ -d "$folder" ] || exit 0
api=http://127.0.0.1:20202
until timeout 5 wget -q -O - "$api/info" 2>/dev/null | grep -q '"isPrimary": true'; do
  [ -z "$1" ] || kill -0 "$1" 2>/dev/null || { echo "ERROR: LiteFS has ended, so nothing that was restored can be put into it"; exit 1; }
  sleep 1
  waited=$((waited + 1))
  [ "$waited" -lt 120 ] || { echo "ERROR: LiteFS isn't primary after $waited s, so nothing that was restored can be put into it"; exit 1; }
done
for file in "$folder"/*; do
  [ -f "$file" ] || continue
  name=$(basename "$file")
  litefs import -url "$api" -name "$name" "$file" || { echo "ERROR: can't put the restored $name into LiteFS"; exit 1; }
done
# A loss of power mustn't bring it back, over what has been written since.
rm -rf "$folder" && sync
`;

/** What the kubelet asks LiteFS's container: whether the app may start, and whether the pod may be read from. */
export const readyScript = String.raw`# usage: ready.sh start|serve MOUNT PRIMARY_SERVICE PRIMARY_POD
question=$1 mount=$2 primary=$3 pod=$4
get() { timeout 4 wget -q -O - "$1" 2>/dev/null; }
no() { echo "$1"; exit 1; }
[ ! -d /var/lib/litefs/restored ] || no "what was restored isn't in LiteFS yet"
if ! get http://127.0.0.1:20203/litefs/health > /dev/null; then
  lag=$(get http://127.0.0.1:20202/metrics | sed -n 's/^litefs_lag_seconds //p')
  case $lag in
    '') no "LiteFS doesn't answer" ;;
    0) no "not connected to the primary $pod: $(get "http://$pod.$PEERS:20202/info" > /dev/null && echo "it answers; see the log of this container" || echo "it doesn't answer")" ;;
    *) no "nothing was heard from the primary $pod for $lag s" ;;
  esac
fi
[ "$question" = start ] || exit 0
awk -v at="$mount" '$2 == at && $3 ~ /^fuse/ { found = 1 } END { exit !found }' /proc/self/mounts || no "LiteFS isn't mounted"
# The app of a replica finds its tables only where the primary's has made them.
[ "$LITEFS_POD" = "$pod" ] || get "http://$primary:20203/litefs/health" > /dev/null || no "the primary $pod isn't ready yet"
`;
