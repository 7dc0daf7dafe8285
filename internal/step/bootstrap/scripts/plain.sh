if ! command -v @PROGRAM@ >/dev/null 2>&1; then
  echo 'This step is a @LANGUAGE@ script, and @PROGRAM@ is not installed on this machine or not on the PATH: install it, or write the step in Bash.' >&2
  exit 1
fi
mantle_umask=$(umask)
umask 077
mantle_files=$(mktemp -d "${TMPDIR:-/tmp}/mantle.XXXXXXXX") || exit 1
trap 'rm -rf "$mantle_files"' EXIT
cat >"$mantle_files/functions@EXT@" <<'@DELIMITER@'
@FUNCTIONS@
@DELIMITER@
cat >"$mantle_files/Script@EXT@" <<'@DELIMITER@'
@SCRIPT@
@DELIMITER@
umask "$mantle_umask"
@RUN@ "$mantle_files/functions@EXT@" "$mantle_files/Script@EXT@" @PARAMETERS@
exit $?
