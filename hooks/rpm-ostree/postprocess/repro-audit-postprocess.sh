#!/bin/sh
# repro-audit-postprocess.sh [--check] [--root-is-image] [ROOT]
#
# The part of `repro-audit scrub` that needs only a POSIX shell and coreutils (or busybox), for places where nothing
# else runs: rpm-ostree's treefile `postprocess` works inside the target, without network, with /var read-only and an
# environment of LANG, PATH and SOURCE_DATE_EPOCH. ROOT defaults to `/`, the target. Whose the pycs are is asked of the
# target's own rpm or dpkg, so only when ROOT is `/`. Every edit is one line on stderr; a second run edits nothing.
#
#   --check          print what would be done, touch nothing, exit 1 if there is something (also REPRO_AUDIT_CHECK=1)
#   --root-is-image  allow `/` although systemd is running on it
#
# What it never does: follow a symbolic link below ROOT, cross a mount point below /etc, /usr and /var, write a file in
# place (the new one is made beside it and renamed), replace a file whose owner and mode it cannot keep, change the mtime
# of a parent folder. Exit status: 0 done (what was left is said), 1 --check found something, 2 wrong usage.
set -u
LC_ALL=C
export LC_ALL
umask 077
newline='
'
deepest=200 # levels of folders; dash allows no more than 1000 nested calls

main() {
  read_arguments "$@"
  trap 'discard_temporary' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  read_mounts
  for etc in etc usr/etc; do
    if can_write "$etc"; then scrub_etc "$etc"; fi
  done
  if can_write var; then scrub_var; fi
  if can_write usr; then scrub_pycs usr opt; fi
  for folder in boot efi boot/efi; do
    remove "$folder/loader/random-seed" 'random seed'
  done
  # After the pycs: asking rpm takes its lock.
  for folder in usr/lib/sysimage/rpm usr/share/rpm usr/lib/sysimage/rpm-ostree-base-db; do
    scrub_rpm_locks "$folder"
  done
  if [ "$check" ] && [ "$edits" -gt 0 ]; then return 1; fi
}

read_arguments() {
  check=${REPRO_AUDIT_CHECK:-}
  if [ "$check" = 0 ]; then check=; fi
  root_is_image=
  while [ $# -gt 0 ]; do
    case $1 in
      --check) check=1 ;;
      --root-is-image) root_is_image=1 ;;
      --) shift && break ;;
      -*) fail "unknown option $1" ;;
      *) break ;;
    esac
    shift
  done
  if [ $# -gt 1 ]; then fail 'more than one ROOT'; fi
  # The x keeps a newline at the end of the name.
  root=$(cd -P -- "${1:-/}" && pwd -P && echo x) || fail 'ROOT is not a folder that can be entered'
  root=${root%?x}
  if [ "$root" = / ]; then
    root=
    if [ -d /run/systemd/system ] && [ -z "$root_is_image" ]; then
      fail '/ is the running system, not an image (--root-is-image if it is one)'
    fi
  fi
  edits=0
  temporary=
}

fail() {
  printf 'repro-audit-postprocess: %s\n' "$1" >&2
  exit 2
}

# --- what is scrubbed -----------------------------------------------------------------------------------------------

scrub_etc() { # ETC
  if is_file "$1/machine-id" && [ -s "$root/$1/machine-id" ]; then
    # The word is systemd's own way to say that the first boot is still to come.
    if [ "$(cat <"$root/$1/machine-id")" != uninitialized ]; then empty "$1/machine-id" 'machine id'; fi
  fi
  for name in passwd- group- shadow- gshadow- subuid- subgid- .pwd.lock; do
    remove "$1/$name" 'backup or lock of the account files'
  done
  scrub_shadow "$1/shadow"
}

scrub_var() {
  remove var/lib/dbus/machine-id 'copy of the machine id'
  for name in systemd/random-seed systemd/credential.secret urandom/random-seed random-seed; do
    remove "var/lib/$name" 'random seed'
  done
  remove var/cache/ldconfig/aux-cache 'inode numbers and times'
  for name in fontconfig man apt dnf libdnf5 yum zypp PackageKit tdnf; do
    empty_folder "var/cache/$name" 'cache with times'
  done
  for name in lists periodic; do
    empty_folder "var/lib/apt/$name" 'state of the mirror'
  done
  for name in status-old available-old diversions-old statoverride-old; do
    remove "var/lib/dpkg/$name" 'backup of the package database'
  done
  for name in config.dat-old templates.dat-old passwords.dat-old; do
    remove "var/cache/debconf/$name" 'backup of the package database'
  done
  remove_matching var/lib/dnf 'history.sqlite*' 'history with times'
  for name in apt anaconda tuned journal; do
    empty_folder "var/log/$name" 'log'
  done
  if is_folder var/log/journal; then
    # named by the machine id
    for entry in "$root"/var/log/journal/*; do
      if [ -d "$entry" ] && [ ! -L "$entry" ]; then remove_empty_folder "$entry" 'machine id in its name'; fi
    done
  fi
  for name in dpkg.log bootstrap.log alternatives.log fontconfig.log hawkey.log yum.log zypper.log zypp/history \
    pacman.log apk.log; do
    remove "var/log/$name" 'log'
  done
  remove_matching var/log 'dnf*.log*' 'log'
  for name in wtmp btmp lastlog faillog; do
    if is_file "var/log/$name" && [ -s "$root/var/log/$name" ]; then empty "var/log/$name" 'log of logins'; fi
  done
  scrub_rpm_locks var/lib/rpm
}

scrub_rpm_locks() { # FOLDER
  for name in .rpm.lock .dbenv.lock .keyring.lock; do
    remove "$1/$name" 'lock'
  done
  remove_matching "$1" '__db.*' 'region file of Berkeley DB'
}

# The day of the last change, of accounts whose password begins with ! or *: nobody logs in with those, so nothing
# depends on the day. Hashes stay in the shell and in a file with the owner and mode of the old one.
scrub_shadow() { # PATH
  if ! is_file "$1" || ! shadow_size=$(stat -c %s "$root/$1"); then return; fi
  accounts=0
  saved=0
  new=
  end=
  while IFS= read -r line || { [ "$line" ] && end=missing; }; do
    case $line in
      *:*:*:*)
        account=${line%%:*}
        rest=${line#*:}
        password=${rest%%:*}
        rest=${rest#*:}
        day=${rest%%:*}
        case $password in
          [*!]*) if [ "$day" ]; then
            accounts=$((accounts + 1))
            saved=$((saved + ${#day}))
            line=$account:$password:${rest#"$day"}
          fi ;;
        esac
        ;;
    esac
    new=$new$line
    if [ -z "$end" ]; then new=$new$newline; fi
  done <"$root/$1"
  if [ "$accounts" -eq 0 ]; then return; fi
  # What the shell could not hold (NUL bytes) would be lost: the arithmetic has to agree.
  if [ "${#new}" -ne $((shadow_size - saved)) ]; then
    left "$1" 'bytes that a shell cannot copy'
  else
    replace "$1" "$new" "rewrite" "day of the last change of $accounts locked accounts"
  fi
}

# --- pycs -----------------------------------------------------------------------------------------------------------

scrub_pycs() { # FOLDER...
  find_owners
  if [ -z "$owners" ]; then
    left usr 'pycs: nothing here to ask which are unowned (rpm or dpkg of the target, with packages)'
    return
  fi
  for top in "$@"; do
    if is_folder "$top"; then find_pycs "$root/$top" 1; fi
  done
  discard_rpm_leftovers
}

# Which tools can be believed: those of the target, with packages in their database.
find_owners() {
  owners=
  rpmdb=
  if [ "$root" ]; then return; fi
  if [ "$(command -v rpm)" ]; then
    for folder in usr/lib/sysimage/rpm usr/share/rpm var/lib/rpm; do
      if is_file "$folder/rpmdb.sqlite" && [ ! -e "/$folder/rpmdb.sqlite-wal" ]; then
        rpmdb=/$folder
        rpmdb_stamp=$(mtime_of "$rpmdb")
      fi
    done
    quiet rpm -qa --qf 'has %{NAME}\n'
    case $heard in
      'has '*) owners="$owners rpm" ;;
    esac
  fi
  if [ "$(command -v dpkg-query)" ]; then
    # shellcheck disable=SC2016 # dpkg's variable
    quiet dpkg-query -W -f 'has ${Package}\n'
    case $heard in
      'has '*) owners="$owners dpkg" ;;
    esac
  fi
}

# Reading a database in WAL mode can leave an empty log and its index behind: away, if they were not there before.
discard_rpm_leftovers() {
  if [ "$rpmdb" ] && [ -e "$rpmdb/rpmdb.sqlite-wal" ] && [ ! -s "$rpmdb/rpmdb.sqlite-wal" ]; then
    quiet rm -f -- "$rpmdb/rpmdb.sqlite-wal" "$rpmdb/rpmdb.sqlite-shm"
    set_mtime "$rpmdb" "$rpmdb_stamp"
  fi
}

find_pycs() { # ABSOLUTE_FOLDER DEPTH
  scrub_pyc_folder "$1"
  for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ ! -d "$entry" ] || [ -L "$entry" ] || is_mount "$entry"; then continue; fi
    if [ "$2" -lt "$deepest" ]; then find_pycs "$entry" $(($2 + 1)); else left "${entry#"$root"/}" 'too deep'; fi
  done
}

scrub_pyc_folder() { # ABSOLUTE_FOLDER
  set -- "$1"
  for entry in "$1"/*.pyc "$1"/*.pyo; do
    if is_cached_pyc "$entry"; then set -- "$@" "$entry"; fi
  done
  if [ $# -eq 1 ]; then return; fi
  ask_owners "$@"
  folder=$1
  stamp=$(mtime_of "$folder")
  shift
  for entry in "$@"; do
    if is_unowned "$entry"; then unlink "$entry" 'pyc that no package owns'; fi
  done
  restore_mtime "$folder" "$stamp"
  case $folder in
    */__pycache__) if is_unowned "$folder"; then remove_empty_folder "$folder" 'no pyc left in it'; fi ;;
  esac
}

# Beside its source a pyc of Python 2 is a cache, too; alone it is the program itself.
is_cached_pyc() { # ABSOLUTE_PATH
  if [ ! -f "$1" ] || [ -L "$1" ]; then return 1; fi
  case $1 in
    # Names that dpkg would take for a pattern, or that make an answer of several lines.
    *[][*?\\"$newline"]*) left "${1#"$root"/}" 'a name that cannot be asked about' && return 1 ;;
    */__pycache__/*) return 0 ;;
    *) [ -f "${1%?}" ] ;;
  esac
}

# One question for a whole folder. An answer in another form than expected makes nothing unowned.
ask_owners() { # ABSOLUTE_PATH...
  rpm_answer=
  dpkg_answer=
  case $owners in
    *rpm*) rpm_answer=$newline$(rpm -qf "$@" 2>&1)$newline ;;
  esac
  case $owners in
    *dpkg*)
      # A package may list a path as it was before /lib became a link to /usr/lib.
      for entry in "$@"; do set -- "$@" "${entry#/usr}"; done
      dpkg_answer=$newline$(dpkg-query -S "$@" 2>&1)$newline
      ;;
  esac
}

is_unowned() { # ABSOLUTE_PATH
  case $owners in
    *rpm*) case $rpm_answer in
      *"${newline}file $1 is not owned by any package$newline"*) ;;
      *) return 1 ;;
    esac ;;
  esac
  case $owners in
    *dpkg*) case $dpkg_answer in
      *'files list file'*) return 1 ;; # a package without its list: who knows what it owns
      *" no path found matching pattern $1$newline"*) ;;
      *) return 1 ;;
    esac
    case $dpkg_answer in
      *" no path found matching pattern ${1#/usr}$newline"*) ;;
      *) return 1 ;;
    esac ;;
  esac
}

# --- edits ----------------------------------------------------------------------------------------------------------

remove() { # PATH REASON
  if ! is_file "$1"; then return; fi
  set -- "$root/$1" "$2"
  set -- "$1" "$2" "$(mtime_of "${1%/*}")"
  unlink "$1" "$2"
  restore_mtime "${1%/*}" "$3"
}

remove_matching() { # FOLDER PATTERN REASON
  if ! is_folder "$1"; then return; fi
  # shellcheck disable=SC2231 # a pattern of ours, to be expanded
  for entry in "$root/$1"/$2; do remove "${entry#"$root"/}" "$3"; done
}

# The files go, the folders stay: packages own them. Locks stay, they are empty.
empty_folder() { # FOLDER REASON [DEPTH]
  if ! is_folder "$1"; then return; fi
  set -- "$root/$1" "$2" "${3:-1}" "$(mtime_of "$root/$1")"
  for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -L "$entry" ]; then continue; fi
    if [ -d "$entry" ]; then
      if [ "$3" -lt "$deepest" ]; then
        empty_folder "${entry#"$root"/}" "$2" $(($3 + 1))
      else
        left "${entry#"$root"/}" 'too deep'
      fi
    elif [ -f "$entry" ]; then
      case $entry in
        */lock) if [ ! -s "$entry" ]; then continue; fi ;;
      esac
      unlink "$entry" "$2"
    fi
  done
  restore_mtime "$1" "$4"
}

unlink() { # ABSOLUTE_PATH REASON
  if [ -z "$check" ] && ! quiet rm -f -- "$1"; then
    left "${1#"$root"/}" 'cannot be removed'
  else
    tell remove "${1#"$root"/}" "$2"
  fi
}

remove_empty_folder() { # ABSOLUTE_PATH REASON
  set -- "$1" "$2" "$(mtime_of "${1%/*}")"
  if [ -z "$check" ] && quiet rmdir -- "$1"; then
    tell remove "${1#"$root"/}" "$2"
    restore_mtime "${1%/*}" "$3"
  fi
}

empty() { # PATH REASON
  replace "$1" '' empty "$2"
}

# Beside the old file, with its owner, mode, mtime and (where cp can) extended attributes; then one rename.
replace() { # PATH CONTENT VERB REASON
  if [ "$check" ]; then tell "$3" "$1" "$4" && return; fi
  old=$root/$1
  folder=${old%/*}
  temporary=$folder/.repro-audit.$$
  if [ -e "$temporary" ] || [ -L "$temporary" ]; then
    temporary=
    left "$1" 'the name of the temporary file is taken'
    return
  fi
  stamp=$(mtime_of "$folder")
  if copy_metadata "$old" "$temporary" && printf %s "$2" >"$temporary" &&
    restore_mtime "$temporary" "$(mtime_of "$old")" && quiet mv -f -- "$temporary" "$old"; then
    tell "$3" "$1" "$4"
  else
    discard_temporary
    left "$1" 'cannot be replaced with the same owner, mode and attributes'
  fi
  temporary=
  restore_mtime "$folder" "$stamp"
}

copy_metadata() { # OLD NEW
  case $(cp --help 2>&1) in
    *--preserve*) quiet cp --preserve=all,xattr -- "$1" "$2" || return 1 ;;
    # busybox keeps no extended attributes: where they can be seen, they forbid the edit.
    *)
      if [ "$(command -v getfattr)" ] && [ "$(getfattr --absolute-names -d -m - "$1" 2>&1)" ]; then return 1; fi
      quiet cp -p "$1" "$2" || return 1
      ;;
  esac
  [ "$(stat -c '%a %u %g' "$1")" = "$(stat -c '%a %u %g' "$2")" ]
}

discard_temporary() {
  if [ "$temporary" ]; then rm -f -- "$temporary"; fi
}

# --- paths ----------------------------------------------------------------------------------------------------------
# PATH is relative to ROOT and begins with names from this script; ABSOLUTE_PATH has ROOT in front.

is_file() { # PATH
  is_reachable "$1" && [ -f "$root/$1" ] && [ ! -L "$root/$1" ]
}

is_folder() { # PATH
  is_reachable "$1/" && [ -d "$root/$1" ]
}

# No folder on the way is a link or a mount point.
is_reachable() { # PATH
  at=$root
  rest=$1
  while :; do
    case $rest in
      */*) at=$at/${rest%%/*} && rest=${rest#*/} ;;
      *) return 0 ;;
    esac
    if [ -L "$at" ] || [ ! -d "$at" ] || is_mount "$at"; then return 1; fi
  done
}

is_mount() { # ABSOLUTE_PATH
  case $mounts in
    *"//$1//"*) return 0 ;;
    *) return 1 ;;
  esac
}

# rpm-ostree's sandbox binds /etc, /usr and /var, so those belong to the tree. Without /proc no mount is known.
read_mounts() {
  mounts=//
  if [ ! -r /proc/self/mountinfo ]; then return; fi
  while read -r _ _ _ _ point _; do
    rest=$point
    point=
    # The kernel writes blanks and backslashes as \040; printf wants \0040.
    while :; do
      case $rest in
        *\\*) point=$point${rest%%\\*}\\0 && rest=${rest#*\\} ;;
        *) break ;;
      esac
    done
    point=$(printf '%b/' "$point$rest")
    case $point in
      "$root"/etc/ | "$root"/usr/ | "$root"/usr/etc/ | "$root"/var/) ;;
      *) mounts=$mounts$point/ ;;
    esac
  done </proc/self/mountinfo
}

# To set the mode to what it is changes nothing, and fails where nothing can be changed; test -w lies to root.
can_write() { # FOLDER
  if ! is_folder "$1"; then return 1; fi
  if [ "$check" ]; then
    if [ -w "$root/$1" ]; then return 0; fi
  elif quiet chmod "$(stat -c %a "$root/$1")" "$root/$1"; then
    return 0
  fi
  left "$1" 'cannot be written to'
  return 1
}

mtime_of() { # ABSOLUTE_PATH
  stat -c '%Y %y' "$1"
}

restore_mtime() { # ABSOLUTE_PATH MTIME
  if [ -z "$check" ]; then set_mtime "$1" "$2"; fi
}

# busybox knows whole seconds only.
set_mtime() { # ABSOLUTE_PATH MTIME
  quiet touch -c -d "${2#* }" "$1" || quiet touch -c -d "@${2%% *}" "$1" ||
    left "${1#"$root"/}" 'its mtime could not be restored'
}

# --- what is said ---------------------------------------------------------------------------------------------------

# There may be no /dev/null, and `>/dev/null` would then write one into the image.
quiet() { # COMMAND...
  heard=$("$@" 2>&1)
}

tell() { # VERB PATH REASON
  edits=$((edits + 1))
  if [ "$check" ]; then set -- "would $1" "$2" "$3"; fi
  printf 'repro-audit: %s %s (%s)\n' "$1" "$(shown "$2")" "$3" >&2
}

left() { # PATH REASON
  printf 'repro-audit: left %s: %s\n' "$(shown "$1")" "$2" >&2
}

# Names come from the tree and go to a terminal.
shown() { # PATH
  case $1 in
    *[!\ -~]*) printf %s "$1" | tr -c ' -~' '?' ;;
    *) printf %s "$1" ;;
  esac
}

main "$@"
