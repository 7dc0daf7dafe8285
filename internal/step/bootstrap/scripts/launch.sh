mantle_process "$$" >"$1/body.new" && mv "$1/body.new" "$1/body"
umask "$2"
mantle_shell=$3 mantle_body=$1/body.sh
shift 3
exec "$mantle_shell" "$mantle_body" "$@"
