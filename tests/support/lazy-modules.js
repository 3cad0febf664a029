/** Large packages that most test processes never use. Tests load them at their first use; the shop loads them at its start. */
module.exports = [
	"mongodb",
	"nats",
	"ioredis",
	"sharp",
	"jose",
	"libphonenumber-js/max",
	"rate-limiter-flexible"
];
