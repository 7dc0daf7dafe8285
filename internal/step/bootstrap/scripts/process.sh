# A process ID is used again after a while; with its start and the boot it names one process.
mantle_process() {
  if [ -r "/proc/$1/stat" ]; then
    printf '%s %s %s' "$1" "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" "$(sed -e 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20)"
  else
    printf '%s %s' "$1" "$(ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' '-')"
  fi
}
