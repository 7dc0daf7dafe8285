# The functions that scripts may call. bash 3.2 and later. Only what carries a value may fail a script under set -e.
encode_servicemessagevalue() { printf '%s' "${1-}" | base64 | tr -d '\r\n'; }
decode_servicemessagevalue() { printf '%s' "${1-}" | base64 -d 2>/dev/null || printf '%s' "${1-}" | base64 -D; }

# The message of name $1 with the attributes that have a value: name value, name value ...
__mantle_message() {
  local line="##octopus[$1"
  shift
  while [ $# -gt 1 ]; do
    if [ -n "$2" ]; then line="$line $1='$(encode_servicemessagevalue "$2")'"; fi
    shift 2
  done
  printf '%s]\n' "$line"
}

__mantle_level() {
  printf '##octopus[stdout-%s]\n%s\n##octopus[stdout-default]\n' "$1" "$2"
}

write_verbose() { __mantle_level verbose "${1-}"; }
write_highlight() { __mantle_level highlight "${1-}"; }
write_wait() { __mantle_level wait "${1-}"; }
write_warning() { __mantle_level warning "${1-}"; }

set_octopusvariable() {
  local sensitive=
  if [ "${3-}" = -sensitive ]; then sensitive=True; fi
  __mantle_message setVariable name "${1-}" value "${2-}" sensitive "$sensitive"
}

new_octopusartifact() {
  local path="${1-}" name="${2-}" folder length
  if [ ! -e "$path" ]; then
    printf 'The file "%s" does not exist, so it cannot be an artifact.\n' "$path" >&2
    return 1
  fi
  if [ -z "$name" ]; then name=$(basename -- "$path"); fi
  folder=$(cd -P -- "$(dirname -- "$path")" && pwd) || return 1
  path="${folder%/}/$(basename -- "$path")"
  if [ -d "$path" ]; then length=0; else length=$(wc -c <"$path" | tr -d ' '); fi
  write_verbose "Artifact $name is taken from $path when this step ends"
  __mantle_message createArtifact path "$path" name "$name" length "$length"
}

update_progress() {
  printf "##octopus[progress percentage='%s' message='%s']\n" "$(encode_servicemessagevalue "${1-}")" "$(encode_servicemessagevalue "${2-}")"
}

fail_step() {
  if [ -n "${1-}" ]; then __mantle_message resultMessage message "$1"; fi
  exit 1
}

set_environmentstate() {
  local sensitive=
  if [ "${3-}" = -sensitive ]; then sensitive=True; fi
  __mantle_message set-environmentstate key "${1-}" value "${2-}" sensitive "$sensitive" type "${4:-State}"
}

set_environmenturl() {
  if [ $# -gt 1 ]; then set_environmentstate "$1" "$2" '' Url; else set_environmentstate Url "${1-}" '' Url; fi
}

new_octopustarget() {
  local name='' id='' inputs='' roles='' pool='' update=''
  while [ $# -gt 0 ]; do
    case $1 in
      -n | --name) name=${2-} ;;
      -t | --target-id) id=${2-} ;;
      --inputs) inputs=${2-} ;;
      --roles) roles=${2-} ;;
      --worker-pool) pool=${2-} ;;
      --update-if-existing) update=true; shift; continue ;;
      *) break ;;
    esac
    shift
    if [ $# -gt 0 ]; then shift; fi
  done
  __mantle_message createStepPackageTarget name "$name" targetId "$id" inputs "$inputs" octopusRoles "$roles" \
    octopusDefaultWorkerPoolIdOrName "$pool" updateIfExisting "$update"
}

remove-octopustarget() { printf "##octopus[delete-target machine='%s']\n" "$(encode_servicemessagevalue "${1-}")"; }

report_kubernetes_manifest() {
  local line document='' namespace="${2-}" any=
  while IFS= read -r line || [ -n "$line" ]; do
    if [[ $line =~ ^[[:space:]]*---[[:space:]]*$ ]]; then
      if [ -n "$any" ]; then __mantle_message k8s-manifest-applied manifest "$document" ns "$namespace"; fi
      document='' any=
    else
      document="$document$line"$'\n' any=1
    fi
  done <<<"${1-}"
  if [ -n "$any" ]; then __mantle_message k8s-manifest-applied manifest "$document" ns "$namespace"; fi
}

report_kubernetes_manifest_file() {
  if [ ! -f "${1-}" ]; then
    write_verbose "There is no Kubernetes manifest at '${1-}', so none is reported."
    return 0
  fi
  report_kubernetes_manifest "$(cat -- "$1")" "${2-}"
}

log_environment_information() {
  printf '##octopus[stdout-verbose]\n'
  printf 'Bash Environment Information:\n'
  printf '  OperatingSystem: %s\n  CurrentUser: %s\n  HostName: %s\n' "$(uname -a)" "$(whoami 2>/dev/null || id -u)" "$(uname -n)"
  printf '  ProcessorCount: %s\n' "$(getconf _NPROCESSORS_ONLN 2>/dev/null)"
  printf '  CurrentDirectory: %s\n  TempDirectory: %s\n  HostProcessID: %s\n' "$(pwd)" "${TMPDIR:-/tmp}" "$$"
  printf '##octopus[stdout-default]\n'
}
