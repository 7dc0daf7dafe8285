mantle_version=@VERSION@
mantle_tools=$(mantle_home)/Tools/mantle-agent/$mantle_version || exit @FAILED@
mantle_encode() { printf '%s' "$1" | base64 | tr -d '\n'; }
mantle_path=
for mantle_try in "$TentacleExecutablePath" "$mantle_tools/mantle-agent"; do
  case $mantle_try in
    */mantle-agent)
      if [ -x "$mantle_try" ] && [ "$("$mantle_try" step version 2>/dev/null)" = "$mantle_version" ]; then
        mantle_path=$mantle_try
        break
      fi ;;
  esac
done
printf '##mantle[tool nonce=%s path=%s upload=%s home=%s os=%s arch=%s]\n' '@NONCE@' \
  "$(mantle_encode "$mantle_path")" "$(mantle_encode "$mantle_tools")" "$(mantle_encode "$(mantle_home)")" "$(uname -s)" "$(uname -m)"
