mantle_umask=$(umask)
umask 077
if ! mkdir -p "$mantle_root"; then
  echo "The directory $mantle_root, which records the scripts that have run, cannot be made: check its parent's permissions and space." >&2
  exit @FAILED@
fi
if ! mkdir "$mantle_dir" 2>/dev/null; then
  if [ -d "$mantle_dir" ]; then
    mantle_say_state
    exit @REFUSED@
  fi
  echo "The directory $mantle_dir cannot be made: check the permissions of $mantle_root, and the space on its disk." >&2
  exit @FAILED@
fi
mantle_process "$$" >"$mantle_dir/runner.new" && mv "$mantle_dir/runner.new" "$mantle_dir/runner"
if [ -z "$(find "$mantle_root/.cleaned" -mtime -1 2>/dev/null)" ]; then
  : >"$mantle_root/.cleaned"
  find "$mantle_root" -mindepth 1 -maxdepth 1 -type d -mtime +30 ! -name '@TICKET@' -exec rm -rf {} + >/dev/null 2>&1 </dev/null
fi
if ! cat >"$mantle_dir/body.sh" <<'@DELIMITER@'
rm -f -- "$0"; @BODY@
@DELIMITER@
then
  echo "The script cannot be written into $mantle_dir: is the disk full?" >&2
  rm -rf "$mantle_dir"
  exit @FAILED@
fi
# Bodies are written for bash; that this script itself may be run by another shell makes no difference.
mantle_shell=$(command -v bash 2>/dev/null) || mantle_shell=/bin/sh
# The body's process records itself and then becomes the script, so that a query can tell whether it lives.
mantle_launch=@LAUNCH@
trap : HUP INT TERM
# The body has no input: this script itself may come by the shell's, and the body must not eat it.
MANTLE_TICKET=@TICKET@ /bin/sh -c "$mantle_launch" sh "$mantle_dir" "$mantle_umask" "$mantle_shell" "$@" </dev/null
mantle_code=$?
rm -f "$mantle_dir/body.sh"
printf '%s' "$mantle_code" >"$mantle_dir/exit.new" && mv "$mantle_dir/exit.new" "$mantle_dir/exit"
printf '##mantle[end nonce=%s exit=%s]\n' '@NONCE@' "$mantle_code"
exit "$mantle_code"
