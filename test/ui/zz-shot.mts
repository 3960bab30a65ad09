import { launchChromium, servePage, openPage, whenReady, seekTo } from "/work/main/test/ui/browser.ts";
const browser = await launchChromium(); const served = await servePage(process.argv[4]);
const [w,h]=(process.argv[3]??"1440x900").split("x").map(Number);
const { page, problems } = await openPage(browser, served, process.argv[5]??undefined, {viewport:{width:w!,height:h!},colorScheme:(process.argv[6] as any)??"light"});
await whenReady(page);
const steps=(process.argv[2]??"430:a").split(",");
for(const s of steps){ const [t,name,...acts]=s.split(":");
 await seekTo(page,Number(t));
 for(const a of acts){ await page.evaluate(a as any); await page.waitForTimeout(400);} 
 await page.waitForTimeout(500); await page.screenshot({path:`/tmp/lead/shots/${name}.png`}); }
console.log(problems);
await browser.close(); await served.close();
