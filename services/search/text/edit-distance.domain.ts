/** Whether one letter inserted, left out or replaced, or two neighbours swapped, turn `a` into the other text `b`. */
export function isOneEditAway(a: string, b: string): boolean {
	const difference = a.length - b.length;
	if (difference > 1 || difference < -1 || a === b) return false;
	let i = 0;
	while (i < a.length && i < b.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
	if (difference === 1) return a.slice(i + 1) === b.slice(i);
	if (difference === -1) return a.slice(i) === b.slice(i + 1);
	if (a.slice(i + 1) === b.slice(i + 1)) return true;
	return a[i] === b[i + 1] && a[i + 1] === b[i] && a.slice(i + 2) === b.slice(i + 2);
}
