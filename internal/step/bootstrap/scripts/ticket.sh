# What a ticket's directory says. POSIX sh.
mantle_home() {
  if [ -n "$TentacleHome" ]; then printf '%s' "$TentacleHome"
  elif [ -n "$HOME" ]; then printf '%s' "$HOME/.mantle"
  else
    echo 'Neither TentacleHome nor HOME is set, so there is no place for the records of scripts: set HOME for the account that runs scripts.' >&2
    return 1
  fi
}

@PROCESS@
mantle_alive() {
  [ -s "$1" ] || return 1
  mantle_pid=$(cut -d ' ' -f 1 "$1")
  # A dead process that nobody has waited for is dead: containers often have nobody who waits.
  case $(sed -e 's/.*) //' "/proc/$mantle_pid/stat" 2>/dev/null) in Z* | X*) return 1 ;; esac
  kill -0 "$mantle_pid" 2>/dev/null && [ "$(cat "$1")" = "$(mantle_process "$mantle_pid")" ]
}

# A root that cannot be read says nothing about its tickets; above all not that one never ran.
mantle_say_state() {
  if [ -e "$mantle_root" ] && { [ ! -d "$mantle_root" ] || [ ! -r "$mantle_root" ] || [ ! -x "$mantle_root" ]; }; then
    echo "The directory $mantle_root, which records the scripts that have run, cannot be read: check its permissions." >&2
    exit @FAILED@
  fi
  mantle_state=Absent mantle_exit=
  if [ -s "$mantle_dir/exit" ]; then mantle_state=Finished mantle_exit=$(cat "$mantle_dir/exit")
  elif [ ! -d "$mantle_dir" ]; then :
  elif mantle_alive "$mantle_dir/runner" || mantle_alive "$mantle_dir/body"; then mantle_state=Running
  elif [ ! -s "$mantle_dir/runner" ] && [ -z "$(find "$mantle_dir" -maxdepth 0 -mmin +1 2>/dev/null)" ]; then mantle_state=Running
  elif [ -s "$mantle_dir/exit" ]; then mantle_state=Finished mantle_exit=$(cat "$mantle_dir/exit")
  else mantle_state=Lost
  fi
  printf '##mantle[ticket nonce=%s state=%s exit=%s]\n' '@NONCE@' "$mantle_state" "$mantle_exit"
}

mantle_root=@ROOT@
if [ -z "$mantle_root" ]; then
  mantle_root=$(mantle_home) || exit @FAILED@
  mantle_root=$mantle_root/Tickets
fi
mantle_dir=$mantle_root/@TICKET@
