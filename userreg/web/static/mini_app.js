// What Telegram says of whoever opens this page is in its address: it is sent on, and kept nowhere.
const said = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");
if (said) {
  history.replaceState(null, "", location.pathname);
  const form = document.getElementById("mini-app");
  form.elements.init_data.value = said;
  form.submit();
}
