// The page that is shared in the pictures: a week of a sleep diary.

/** Runs in a page, where it has nothing but its own text. */
export function drawDiary(context) {
  const { width, height } = context.canvas;
  const ink = '#24302e';
  context.fillStyle = '#fbfaf6';
  context.fillRect(0, 0, width, height);
  context.fillStyle = ink;
  context.font = '600 44px sans-serif';
  context.fillText('Sleep diary, second week', 90, 120);
  context.font = '26px sans-serif';
  context.fillText('Hours of sleep', 90, 175);
  const nights = [['Mon', 5.5], ['Tue', 6], ['Wed', 5], ['Thu', 6.5], ['Fri', 7], ['Sat', 7.5], ['Sun', 7]];
  const foot = 680;
  nights.forEach(([day, hours], index) => {
    const left = 110 + index * 155;
    context.fillStyle = '#2f7f78';
    context.fillRect(left, foot - hours * 55, 90, hours * 55);
    context.fillStyle = ink;
    context.fillText(day, left + 18, foot + 45);
    context.fillText(String(hours), left + 26, foot - hours * 55 - 14);
  });
  context.fillRect(90, foot, width - 180, 3);
}
