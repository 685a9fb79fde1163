// Runs ahead of the Admin UI. The UI asks for the address of a server and remembers it, and connects at once when it
// remembers one. Here the address is always this page's own server.
//
// data-open on the script's element says that no password is needed.
(() => {
  const here = location.origin;
  const open = document.currentScript.dataset.open !== undefined;
  try {
    if (localStorage.getItem("server_url") !== here) localStorage.removeItem("session_id");
    localStorage.setItem("path", document.currentScript.dataset.path);
    localStorage.setItem("namespace", "/admin");
    localStorage.setItem("parser", "default");
    if (open || localStorage.getItem("session_id")) localStorage.setItem("server_url", here);
    else localStorage.removeItem("server_url");
  } catch {
    return; // no storage: the UI asks for everything each time
  }

  // The dialog for signing in comes with an empty address: it is filled in, once.
  const fill = () => {
    const address = document.querySelector('.v-dialog form input[type="text"]');
    if (!address) return;
    seen.disconnect();
    if (address.value) return;
    address.value = here;
    address.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const seen = new MutationObserver(fill);
  seen.observe(document.documentElement, { childList: true, subtree: true });
})();
