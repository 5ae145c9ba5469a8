#!/usr/bin/env bash
# run-all.sh [-j N] [-c] [name...]   runs the OVN scenarios (default: all, 2 at a time); root; see README.md
#   -c  write the results to a temporary folder and compare them with the *.expect.json of the same OVN version
#   OVN_ROOT=<folder with an unpacked newer release>  uses its OVN/OVS; results of OVN 23.03 belong into ovn2303/
set -u
cd "$(dirname "$0")"
J=2; CMP=0
while getopts j:c o; do case $o in j) J=$OPTARG;; c) CMP=1;; *) exit 2;; esac; done
shift $((OPTIND - 1))
V=$(/usr/bin/python3 -c 'import ovnlab; print(ovnlab.version("ovn-controller"))'); rm -rf __pycache__
case $V in 23.*) REF=$PWD/ovn2303;; *) REF=$PWD;; esac
list=(); for p in "${@:-o}"; do for f in "${p%.py}"*.py; do [ "$f" = ovnlab.py ] || list+=("${f%.py}"); done; done
printf '%s\n' "${list[@]}" | grep -q '^o6-inbound$' && list+=(o6-inbound-plain)
TMP=$(mktemp -d)
export OVN_EXPECT=${OVN_EXPECT:-$REF} OVN_OUT=${OVN_OUT:-$PWD/out}
[ $CMP = 1 ] && export OVN_EXPECT=$TMP/expect OVN_OUT=$TMP/out
start=$SECONDS; n=0
run() { export OVN_PREFIX=ovnw$2x; if [ "$1" = o6-inbound-plain ]; then OVN_BREX=plain ./o6-inbound.py; else ./"$1".py; fi > "$TMP/$1.log" 2>&1; echo $? > "$TMP/$1.rc"; }
for s in "${list[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$J" ]; do wait -n; done
  n=$((n + 1)); run "$s" "$n" &
done
wait
bad=0
for s in "${list[@]}"; do
  rc=$(cat "$TMP/$s.rc"); [ "$rc" = 0 ] || bad=1
  echo "$s rc=$rc $(grep -h 'checks,' "$TMP/$s.log" | sed 's/ ->.*//' | tail -1)"
  [ "$rc" = 0 ] || grep -h 'FAILED\|failed\|Error\|limit' "$TMP/$s.log" | head -8 | sed 's/^/      /'
  [ $CMP = 1 ] && [ -f "$OVN_EXPECT/$s.expect.json" ] && ./gt.py compare "$REF/$s.expect.json" "$OVN_EXPECT/$s.expect.json" --lines 6 | sed 's/^/      /'
done
echo "OVN $V, total $((SECONDS - start)) s"
rm -rf "$TMP" __pycache__
exit $bad
