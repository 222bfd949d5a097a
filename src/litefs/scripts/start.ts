/**
 * What LiteFS's container does beside the app, in LiteFS's own image (Alpine: busybox), first: the mount that a LiteFS that
 * has died left behind is cleaned, and the folder of the next one made. Without a mount it belongs to root and can't be written
 * to: an app that starts then fails, instead of writing where nothing is kept.
 */
export const startScript = String.raw`# usage: start.sh MOUNT PORT GUARD_PORT
mount=$1
sh /etc/litefs/unmount.sh "$mount" || exit 1
above=$(dirname "$mount")
mkdir -p "$mount" && chown 0:0 "$mount" "$above" && chmod 0555 "$mount" "$above" || exit 1
exec sh /etc/litefs/gate.sh "$3" sh /etc/litefs/mount.sh "$mount" "$2"
`;

/** Takes away what is mounted there, before the next mount, and when LiteFS has ended. */
export const unmountScript = String.raw`# usage: unmount.sh MOUNT
while awk -v at="$1" '$2 == at && $3 ~ /^fuse/ { found = 1 } END { exit !found }' /proc/self/mounts; do
  umount -l "$1" || { echo "ERROR: can't unmount $1, which a LiteFS that died has left behind"; exit 1; }
done
`;

/**
 * Mounts LiteFS for the app's container. When LiteFS has died, the app's open files are dead, too. So LiteFS isn't started
 * before the app that held the old mount is gone: the app's liveness probe asks LiteFS, fails meanwhile, and has it restarted.
 * The app is known by its listening socket, as pods share their network.
 */
export const mountScript = String.raw`# usage: mount.sh MOUNT PORT
mount=$1 port=$2
umask 0
litefs= stopped=
say() { printf '{"level":"%s","msg":"%s"}\n' "$1" "$2"; }
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
before=$(echo $(sockets))
if [ -n "$before" ]; then
  say WARN "LiteFS is started again: waiting until the app with files of the old mount has ended"
  until [ -n "$stopped" ] || ! held "$before"; do sleep 0.1; done
fi
[ -z "$stopped" ] || exit 143

litefs mount -config /etc/litefs/litefs.yml -skip-unmount &
litefs=$!
# A signal ends the wait, not what is waited for.
wait "$litefs"
code=$?
while kill -0 "$litefs" 2>/dev/null; do wait "$litefs"; code=$?; done
sh /etc/litefs/unmount.sh "$mount"
exit "$code"
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
