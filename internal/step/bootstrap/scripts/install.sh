mantle_uploaded=@UPLOADED@
mantle_want=@SHA256@
if command -v sha256sum >/dev/null 2>&1; then mantle_hash=$(sha256sum <"$mantle_uploaded")
elif command -v shasum >/dev/null 2>&1; then mantle_hash=$(shasum -a 256 <"$mantle_uploaded")
else mantle_hash=$(openssl dgst -sha256 -r <"$mantle_uploaded"); fi
if [ "${mantle_hash%% *}" != "$mantle_want" ]; then
  echo "The uploaded tool $mantle_uploaded has the SHA-256 ${mantle_hash%% *}, not $mantle_want: it was damaged on the way; it is removed, try again." >&2
  rm -f "$mantle_uploaded"
  exit @FAILED@
fi
mantle_final=$(mantle_home)/Tools/mantle-agent/@VERSION@/mantle-agent || exit @FAILED@
mkdir -p "${mantle_final%/*}" && chmod 755 "$mantle_uploaded" && mv -f "$mantle_uploaded" "$mantle_final" || exit @FAILED@
