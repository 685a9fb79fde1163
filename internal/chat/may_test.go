package chat

import "testing"

func TestMay(t *testing.T) {
	passerby := Actor{}
	outside := Actor{Proved: true}
	inside := Actor{Proved: true, Here: true}
	owner := Actor{Proved: true, Here: true, Moderator: true}
	ownerOutside := Actor{Proved: true, Moderator: true}
	forged := Actor{Here: true, Moderator: true} // nobody can be that; nothing is allowed by it

	room := Scene{Room: "go", People: 2, Limit: 3}
	full := Scene{Room: "go", People: 3, Limit: 3}
	lobby := Scene{Room: Lobby, People: 1, Limit: 3}

	for _, c := range []struct {
		who   Actor
		verb  Verb
		where Scene
		want  Code
	}{
		{passerby, VerbList, Scene{}, ""},
		{passerby, VerbWatch, room, ""},
		{passerby, VerbWatch, full, ""},
		{passerby, VerbRead, room, ""},
		{passerby, VerbOpen, room, CodeNotAllowed},
		{passerby, VerbEnter, room, CodeNotAllowed},
		{passerby, VerbSay, room, CodeNotHere},
		{passerby, VerbType, room, CodeNotHere},
		{passerby, VerbModerate, room, CodeNotAllowed},

		{outside, VerbOpen, room, ""},
		{outside, VerbEnter, room, ""},
		{outside, VerbEnter, full, CodeRoomFull},
		{outside, VerbSay, room, CodeNotHere},
		{outside, VerbType, room, CodeNotHere},
		{outside, VerbModerate, room, CodeNotAllowed},

		{inside, VerbEnter, full, ""}, // is counted already
		{inside, VerbSay, full, ""},
		{inside, VerbType, room, ""},
		{inside, VerbModerate, room, CodeNotAllowed},

		{owner, VerbModerate, room, ""},
		{owner, VerbModerate, lobby, CodeNotAllowed},
		{ownerOutside, VerbModerate, room, CodeNotAllowed},
		{ownerOutside, VerbEnter, full, CodeRoomFull},

		{forged, VerbSay, room, CodeNotHere},
		{forged, VerbModerate, room, CodeNotAllowed},
		{forged, VerbEnter, room, CodeNotAllowed},

		{inside, VerbTrack, room, CodeNotAllowed},
		{inside, VerbTrack, lobby, ""},
		{outside, VerbTrack, lobby, CodeNotAllowed},
		{forged, VerbTrack, lobby, CodeNotAllowed},
		{forged, VerbTrack, room, CodeNotAllowed},
		{owner, VerbTrack, room, ""},
		{ownerOutside, VerbTrack, room, CodeNotAllowed},
		{inside, VerbTrack, Scene{Room: Lobby, Fixed: true}, CodeNotAllowed},

		{owner, "", room, CodeNotAllowed},
		{owner, "sudo", room, CodeNotAllowed},
	} {
		err := May(c.who, c.verb, c.where)
		if got := CodeOf(err); got != c.want {
			t.Errorf("May(%+v, %s, %+v) = %v, want %q", c.who, c.verb, c.where, err, c.want)
		}
	}
}
