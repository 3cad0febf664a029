"use strict";

const ui = window.SwaggerUIBundle({
	url: "/openapi.json",
	dom_id: "#ui",
	deepLinking: true,
	docExpansion: "none",
	filter: true,
	persistAuthorization: false,
	tryItOutEnabled: true,
	validatorUrl: null
});

/** Signs in with a demo account and lets every request of the page carry its token. */
async function signIn({ phone, password }) {
	const status = document.getElementById("signed-in");
	const response = await fetch("/api/v1/auth/login", {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ phone, password })
	});
	const { data, message } = await response.json();
	if (response.ok) ui.preauthorizeApiKey("bearer", data.accessToken);
	status.textContent = response.ok
		? `已登录 Signed in: ${data.user.nickname} ${data.user.phone}`
		: `${response.status} ${message}`;
}

for (const button of document.querySelectorAll("[data-phone]"))
	button.addEventListener("click", () => signIn(button.dataset));
