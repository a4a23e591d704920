// What only the browser can do: remember this browser's choices, and tell its time zone.
(() => {
  const remember = (name, value) => {
    document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=strict`;
  };
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = document.cookie.includes("workshop-zone=");
  remember("workshop-zone", zone);
  // The first page was written before the zone was known; only where cookies work, and only once.
  if (!known && zone !== "UTC" && document.cookie.includes("workshop-zone=")) location.reload();

  window.workshop = {
    language(code) {
      remember("workshop-language", code);
      location.reload();
    },
    async logout() {
      await fetch("/logout", { method: "POST", redirect: "manual" });
      location.assign("/login");
    },
    theme() {
      const dark = !document.body.classList.contains("body--dark");
      remember("workshop-theme", dark ? "dark" : "light");
      setDark(dark);
    },
  };
})();
