#!/bin/bash
# netns.sh - runs lode as two machines would: two network namespaces with their own addresses and host
# names, joined by a virtual cable; mpirun reaches the second one through a remote shell agent. Needs
# root, iproute2 and Open MPI.
#
#   tests/cluster/netns.sh predict MODEL.lode STACK.tif OUT.tif     lode's words; any task that can be shared
#
# RANKS=2      processes on each machine (default 1)
# CABLE="rate 1gbit delay 50us"   what tc netem makes of the cable (default: as fast as it goes)
# KILL=5       cuts the cable after that many seconds
set -e
ranks=${RANKS:-1}
root=$(cd "$(dirname "$0")/../.." && pwd)
lode=${LODE:-${LODE_BUILD:-$root/build}/bin/lode}
mark=lode$$
folder=$(mktemp -d)

clean() {
    [ -z "$cutter" ] || kill "$cutter" 2>/dev/null || true
    for side in a b; do
        for pid in $(ip netns pids "$mark$side" 2>/dev/null); do kill "$pid" 2>/dev/null || true; done
        ip netns del "$mark$side" 2>/dev/null || true
    done
    rm -r "$folder"
}
trap clean EXIT

for side in a b; do ip netns add "$mark$side"; done
ip -n "${mark}a" link add cable type veth peer name cable netns "${mark}b"
address=([1]=10.77.0.1 [2]=10.77.0.2)
number=0
for side in a b; do
    number=$((number + 1))
    ip -n "$mark$side" address add "${address[number]}/24" dev cable
    ip -n "$mark$side" link set cable up
    ip -n "$mark$side" link set lo up
    # shellcheck disable=SC2086 # several words
    [ -z "$CABLE" ] || ip netns exec "$mark$side" tc qdisc add dev cable root netem $CABLE
done

# inside SIDE COMMAND...: on that machine, under its own host name.
cat >"$folder/inside" <<EOF
#!/bin/bash
side=\$1
shift
exec ip netns exec "$mark\$side" unshare --uts bash -c 'hostname machine-\$0 && exec "\$@"' "\$side" "\$@"
EOF
# agent HOST COMMAND...: what ssh would be.
cat >"$folder/agent" <<EOF
#!/bin/bash
shift
exec "$folder/inside" b bash -c "\$*"
EOF
chmod +x "$folder"/*

if [ -n "$KILL" ]; then
    { sleep "$KILL"; ip -n "${mark}a" link set cable down; } &
    cutter=$!
fi

"$folder/inside" a mpirun --allow-run-as-root --quiet \
    --host "${address[1]}:$ranks,${address[2]}:$ranks" --map-by slot --bind-to none \
    --mca plm_rsh_agent "$folder/agent" --mca oob_tcp_if_include 10.77.0.0/24 \
    --mca btl self,vader,tcp --mca btl_tcp_if_include 10.77.0.0/24 \
    "$lode" "$@" &
wait $! # so that a signal to this script ends the job, too
