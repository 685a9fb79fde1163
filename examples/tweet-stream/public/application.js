const socket = io();
const SHOWN = 50; // tweets on the page at most

const keyOf = ({ source, id }) => JSON.stringify([source, id]);

// All that comes from others is put in as text, never as markup, and nothing is loaded from elsewhere.
function card(tweet) {
  const { author, text, warning, sensitive, url, source, created_at: at } = tweet;
  const words = $("<p>").text(text);
  const folded = warning || sensitive
    ? $("<details>").append($("<summary>").text(warning || "Marked as not for everybody"), words)
    : words;
  const place = /^https:/.test(url ?? "")
    ? $("<a>", { href: url, rel: "nofollow noopener noreferrer", target: "_blank" })
    : $("<span>");
  return $("<li>")
    .data({ key: keyOf(tweet), source, author: author.id })
    .append($("<b>").text(author.name || author.handle || author.id), " ", folded)
    .append($("<small>").append(place.text(`${source}, ${new Date(at).toLocaleTimeString()}`)));
}

const cards = (which) => $("#tweets > li").filter((_, li) => which($(li).data()));

function show(tweet) {
  const [old] = cards(({ key }) => key === keyOf(tweet));
  if (old) return $(old).replaceWith(card(tweet)); // another revision
  $("#tweets").prepend(card(tweet)).children().slice(SHOWN).remove();
}

socket.on("buffer", (tweets) => $("#tweets").empty().append(tweets.map(card)));
socket.on("tweet", show);
socket.on("delete", (gone) => {
  cards(({ key, source, author }) =>
    gone.id ? key === keyOf(gone) : gone.source === source && [undefined, author].includes(gone.author_id)).remove();
});
socket.on("status", (text) => $("#status").text(text));
socket.on("disconnect", () => $("#status").text("The connection is lost."));
