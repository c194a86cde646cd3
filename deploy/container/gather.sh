# Gathers what the image consists of into the folder $1: Node.js, `env` (which starts the command by its first line), the installed package,
# and each shared library that any of them loads; and makes the node's folder beside it, empty.
set -eu
image=$1
mkdir -p "$image/usr/bin" "$image/opt" "$image/etc" "$(dirname "$image")/home"
cp "$(command -v node)" /usr/bin/env "$image/usr/bin/"
cp -R /opt/halfroom "$image/opt/halfroom"

# Of each program and add-on for this system, "NAME => PATH (ADDRESS)" and the loader's own path.
find "$image" -type f \( -name '*.node' -o -name '*.so' -o -name '*.so.*' -o -path '*/usr/bin/*' \) -exec ldd {} \; 2> /dev/null \
  | sed -n 's/^[^/]*\(\/[^ ]*\) (0x.*/\1/p' | sort -u \
  | while read -r library; do
      case $library in "$image"/* | /opt/halfroom/*) continue ;; esac
      mkdir -p "$image$(dirname "$library")"
      cp -L "$library" "$image$library"
    done

printf 'halfroom:x:65532:65532::/var/lib/halfroom:/none\n' > "$image/etc/passwd"
printf 'halfroom:x:65532:\n' > "$image/etc/group"
printf 'hosts: files dns\n' > "$image/etc/nsswitch.conf"
