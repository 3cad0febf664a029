# install_jars <name>: copies what scripts/servers/<name>/pom.xml depends on to the cache, once.
install_jars() {
	cd "$(dirname "${BASH_SOURCE[0]}")/../.."
	local cache=node_modules/.cache/zjmall/$1
	[ -d "$cache/lib" ] && return 0

	# The jars go to a temporary folder that is then moved: a download that breaks off leaves no incomplete folder behind.
	mkdir -p "$cache"
	part=$(mktemp -d "$cache/part.XXXXXX")
	trap 'rm -rf "$part"' EXIT
	mvn -q -B -f "scripts/servers/$1/pom.xml" dependency:copy-dependencies -DoutputDirectory="$PWD/$part"
	chmod 755 "$part"
	mv -T "$part" "$cache/lib" 2>/dev/null || [ -d "$cache/lib" ]
}
