/** What the guard's process becomes once LiteFS may start, and is for the rest of the pod's life. */
export const passedScript = String.raw`trap 'exit 0' TERM
while :; do
  sleep 3600 &
  wait $!
done
`;
