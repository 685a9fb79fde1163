package feed

import "strings"

// stopWords are the words of the languages that are written most which are in a
// great part of all posts. Alone they are no phrase.
var stopWords = func() map[string]bool {
	words := map[string]bool{}
	for _, word := range strings.Fields(stopWordList) {
		words[word] = true
	}
	return words
}()

// stopWordList is in normal form.
const stopWordList = `
	a about after all also am an and any are as at be because been but by can could did do does don't for from
	get got had has have he her him his how i i'm if in into is it it's its just like me more my no not now of
	on one or our out over she so some than that that's the their them then there these they this those to too
	up us was we were what when where which who will with would you you're your
	https http com www rt amp
	aber als am an auch auf aus bei bin das dass dem den der des die du ein eine einen er es für hat ich im ist
	ja kein man mich mir mit nach nicht noch nur oder sich sie sind so und uns von war was wenn wie wir zu zum zur
	au aux avec c'est ce ces cette dans de des du elle en est et il ils je la le les leur mais ne nous on ou où
	par pas plus pour qu'il que qui sa se ses son sont sur tu un une vous
	al como con cuando de del el ella en era es esta este la las lo los más me mi muy no nos o para pero por
	porque que se ser si sin sobre su sus también te tiene todo un una y ya yo
	ao aos as até com da das do dos e ela ele em essa esse está eu foi isso mais mas na nas não nos os ou pela
	pelo por quando sem seu só sua também tem um uma você
	che chi ci come cui da dal dei del della di e ha ho i il in io ma mi nel nella non per più quello questo
	sei si sono sua suo ti tra una
	и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было вот от
	меня еще нет о из ему это для мы
	bir bu da de için ile ne o ve en dan di yang dan itu ini untuk dengan tidak
	في من على إلى عن أن لا ما هذا هذه و هو هي كان מה של את על לא זה הוא היא אני עם
	का की के को है में से और यह पर ने हैं
	の に は を た が で て と し れ さ も な か よ ね です ます した する
	的 了 是 在 我 不 这 這 他 你 们 們 也 就 都 和
	이 가 은 는 을 를 의 에 도 다
`
